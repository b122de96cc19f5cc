-- What was published stays as it was published.

select kernel.keep_forever('bidding.notice');
select kernel.keep_forever('bidding.document');
select kernel.keep_forever('bidding.opening');
select kernel.keep_forever('bidding.archive');

create index if not exists lot_published on bidding.lot (published_at desc, id);
select kernel.keep_forever('bidding.first_opening');

-- The record of all that was opened; before there is one, that of the first envelope (双信封).
create or replace view bidding.newest_opening as
    select lot, body, sha256 from bidding.opening
    union all select f.lot, f.body, f.sha256 from bidding.first_opening f
        where not exists (select from bidding.opening o where o.lot = f.lot);
