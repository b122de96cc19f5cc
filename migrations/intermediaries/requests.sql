-- What was published, chosen and rated stays; applicants are nobody's to see while applications are open.

select kernel.keep_forever('intermediaries.request_text');
select kernel.keep_forever('intermediaries.choice');
select kernel.keep_forever('intermediaries.rating');
select kernel.keep_forever('intermediaries.rating_answer');
select kernel.keep_forever('intermediaries.request_package');

-- Every kind of text that a request publishes has its name.
alter table intermediaries.request_text drop constraint if exists known_text;
alter table intermediaries.request_text add constraint known_text check (
    kind in ('notice', 'withdrawn', 'opening', 'selection', 'failure', 'suspended', 'resumed'));

create or replace view intermediaries.applicant with (security_barrier) as
select a.id, a.request, a.agency, a.organisation, a.code, a.name, a.controller, a.record, a.says, a.applied_at, a.shut
from intermediaries.application a
    join intermediaries.request r on r.id = a.request
where r.stage not in ('open', 'withdrawn') and a.left_at is null;

create index if not exists request_published on intermediaries.request (published_at desc, id);
