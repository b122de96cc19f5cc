-- The log of a case as the supervision site may see it, and what was refused on it (`refused:<case>`). While the box is
-- sealed (before the opening) it shows no act of those who bid or quote or of the public, taken or refused, and never a
-- number, a place or a chain from which such acts could be counted. Who applied in the supermarket is never told here: once
-- the applications are closed the duty's own view tells it.
create or replace view box.seen_event with (security_barrier) as
select e.id, e.case_key, e.act, e.at, e.leaf, said.event ->> 'role' as role,
    said.event ->> 'organisation' as organisation, said.event ->> 'subject' as subject,
    said.event -> 'hashes' as hashes, said.event -> 'facts' as facts
from kernel.log_event e
    cross join lateral (select convert_from(e.body, 'utf8')::jsonb as event) said
    left join box.box b on b."case"::text = regexp_replace(e.case_key, '^refused:', '')
where said.event ->> 'role' not in ('bidder', 'intermediary', 'public')
    or b.state in ('opening', 'opened', 'retired')
    or said.event ->> 'role' = 'intermediary' and b."case" is null
        and not array[e.act::text, said.event ->> 'subject'] && array['apply_request', 'withdraw_application'];
