-- What nobody may rewrite, and who may write and see which rows of a box.

select kernel.keep_forever('box.message');
select kernel.keep_forever('box.taken');
select kernel.keep_forever('box.chain');
select kernel.keep_forever('box.bid');
select kernel.keep_forever('box.bid_file');
select kernel.keep_forever('box.seed');
select kernel.keep_forever('box.verdict');
select kernel.keep_forever('box.rehearsed');

create index if not exists message_of_case on box.message ("case", kind);
create index if not exists bid_of_chain on box.bid (chain, seq desc);
create index if not exists bid_of_event on box.bid (event);

-- Each side writes only its own messages and names only its own holders; a bidder's message is seen by the
-- supervision site once the box is open; his cure at once, for the regulator's holder releases the share in it.
alter table box.message enable row level security;
drop policy if exists trading_reads on box.message;
drop policy if exists trading_writes on box.message;
drop policy if exists supervision_reads on box.message;
drop policy if exists supervision_writes on box.message;
create policy trading_reads on box.message for select to trading using (true);
create policy trading_writes on box.message for insert to trading with check (role <> 'regulator');
create policy supervision_reads on box.message for select to supervision using (
    role <> 'bidder' or kind = 'cure' or exists (
        select from box.box b where b."case" = message."case" and b.state in ('opened', 'retired')));
create policy supervision_writes on box.message for insert to supervision with check (role = 'regulator');

alter table box.holder enable row level security;
drop policy if exists all_are_seen on box.holder;
drop policy if exists trading_names_its_own on box.holder;
drop policy if exists trading_ends_its_own on box.holder;
drop policy if exists supervision_names_its_own on box.holder;
drop policy if exists supervision_ends_its_own on box.holder;
create policy all_are_seen on box.holder for select to trading, supervision using (true);
create policy trading_names_its_own on box.holder for insert to trading with check (role <> 'regulator');
create policy trading_ends_its_own on box.holder for update to trading using (role <> 'regulator');
create policy supervision_names_its_own on box.holder for insert to supervision with check (role = 'regulator');
create policy supervision_ends_its_own on box.holder for update to supervision using (role = 'regulator');

-- Sealed bids do not exist for the supervision site before the opening: not their number, not their bidders.
do $$
declare
    place text;
begin
    foreach place in array array['bid', 'chain', 'bid_file', 'seed', 'verdict'] loop
        execute format('alter table box.%I enable row level security', place);
        execute format('drop policy if exists trading_all on box.%I', place);
        execute format('create policy trading_all on box.%I for all to trading using (true) with check (true)', place);
    end loop;
    foreach place in array array['bid', 'chain', 'seed'] loop  -- of a seed only whose and for which stage: grants.sql
        execute format('drop policy if exists supervision_after_close on box.%I', place);
        execute format(
            'create policy supervision_after_close on box.%I for select to supervision using (exists ('
            'select from box.box b where b."case" = %I."case" and b.state in (''opening'', ''opened'', ''retired'')))',
            place, place);
    end loop;
    drop policy if exists supervision_after_opening on box.seed;
    drop policy if exists supervision_after_opening on box.verdict;
    create policy supervision_after_opening on box.verdict for select to supervision using (exists (
        select from box.box b where b."case" = verdict."case" and b.state in ('opened', 'retired')));
end $$;

-- While bids come in, the events of a case would count them: from the moment sealing opens until the close the
-- supervision site sees none of that case, and never which leaf of the tree is whose.
alter table kernel.log_event enable row level security;
drop policy if exists trading_all on kernel.log_event;
drop policy if exists supervision_not_while_sealed on kernel.log_event;
create policy trading_all on kernel.log_event for all to trading using (true) with check (true);
create policy supervision_not_while_sealed on kernel.log_event for select to supervision using (not exists (
    select from box.box b where b."case"::text = log_event.case_key and b.state in ('setup', 'ready', 'listed')
        and b.ready_at is not null and log_event.at > b.ready_at));
