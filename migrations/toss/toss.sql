-- What nobody may rewrite of a draw, and which side may say what.

select kernel.keep_forever('toss.message');
select kernel.keep_forever('toss.taken');
select kernel.keep_forever('toss.listing');
select kernel.keep_forever('toss.news');
select kernel.keep_forever('toss.news_taken');

create index if not exists toss_restless on toss.toss (id) where restless;

-- Each side writes only its own messages; both read all: what is secret in a draw is never in this table unsealed.
alter table toss.message enable row level security;
drop policy if exists trading_reads on toss.message;
drop policy if exists trading_writes on toss.message;
drop policy if exists supervision_reads on toss.message;
drop policy if exists supervision_writes on toss.message;
create policy trading_reads on toss.message for select to trading using (true);
create policy trading_writes on toss.message for insert to trading with check (role <> 'regulator');
create policy supervision_reads on toss.message for select to supervision using (true);
create policy supervision_writes on toss.message for insert to supervision with check (role = 'regulator');
