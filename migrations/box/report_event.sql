-- The event of the signed report that opened the way to a box's later stages (双信封), with what opens its log entry and
-- where that stands in the tree. Its bidders and holders are shown it before they give anything: the box is open then,
-- and the event names hashes alone.
create or replace view box.report_event with (security_barrier) as
select b."case", e.body, e.salt, l."index"
from box.box b
    join kernel.log_event e on e.case_key = b."case"::text and e.act = 'close_report'
        and convert_from(e.body, 'utf8')::jsonb -> 'hashes' ->> 'signed' = b.report
    left join kernel.log_leaf l on l.event = e.id
where b.report <> '';
