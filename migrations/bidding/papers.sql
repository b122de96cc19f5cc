-- What came after the opening stays as it was written; and every kind of text that a lot publishes has its name.

select kernel.keep_forever('bidding.paper');

alter table bidding.notice drop constraint if exists known_kind;
alter table bidding.notice add constraint known_kind check (
    kind in ('notice', 'amendment', 'opening', 'failure', 'candidates', 'award', 'suspended', 'resumed'));
