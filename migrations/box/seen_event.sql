-- The log of a case as the supervision site may see it. While the box is sealed (before the opening) it shows no act
-- of a bidder or of the public, and never a number, a place or a chain from which such acts could be counted.
create or replace view box.seen_event with (security_barrier) as
select e.id, e.case_key, e.act, e.at, e.leaf, said.event ->> 'role' as role,
    said.event ->> 'organisation' as organisation, said.event ->> 'subject' as subject,
    said.event -> 'hashes' as hashes, said.event -> 'facts' as facts
from kernel.log_event e
    cross join lateral (select convert_from(e.body, 'utf8')::jsonb as event) said
    left join box.box b on b."case"::text = e.case_key
where said.event ->> 'role' not in ('bidder', 'public') or b.state in ('opening', 'opened', 'retired');
