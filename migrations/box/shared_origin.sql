-- How many bidders of a case came from one network address, or by one person: numbers alone, and only once the box is
-- open (招标投标法实施条例 40). Who and from where stays in the private half of the log, which supervision never reads.
-- A machine's own address says nothing: whoever works behind one gate is told apart by the person. No CTE: what asks for
-- a few cases must not read all of them.
create or replace view box.shared_origin with (security_barrier) as
select shared."case", max(shared.bidders) filter (where shared.kind = 'address') as one_address,
    max(shared.bidders) filter (where shared.kind = 'person') as one_person
from (
    select b."case", origin.kind, origin.value, count(distinct c.bidder)::int as bidders
    from box.bid b join box.chain c on c.id = b.chain join kernel.log_event e on e.id = b.event
        join box.box x on x."case" = b."case" and x.state in ('opened', 'retired')
        cross join lateral (select convert_from(e.private, 'utf8')::jsonb) said(who)
        cross join lateral (values ('address', said.who ->> 'address'), ('person', said.who ->> 'person'))
            origin(kind, value)
    where b.kind = 'bid' and origin.value not in ('', '::1') and origin.value not like '127.%'
    group by b."case", origin.kind, origin.value
) shared group by shared."case";
