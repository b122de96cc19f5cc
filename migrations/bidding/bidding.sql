-- What was published stays as it was published.

select kernel.keep_forever('bidding.notice');
select kernel.keep_forever('bidding.document');
select kernel.keep_forever('bidding.opening');
select kernel.keep_forever('bidding.archive');

create index if not exists lot_published on bidding.lot (published_at desc, id);
