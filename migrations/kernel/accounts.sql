-- What Piccolo's columns cannot say about people and roles; runs after every migration, so it can run again.

-- A role belongs to a person *on his side*: the pair, so that no membership can name another side than the person's.
do $$ begin
    if not exists (select from pg_constraint where conname = 'membership_on_the_persons_side') then
        alter table accounts.membership add constraint membership_on_the_persons_side
            foreign key (person, side) references accounts.person (id, side);
    end if;
end $$;

-- The same role is asked for or held once.
create unique index if not exists membership_held_once
    on accounts.membership (person, organisation, role) where until is null;

create index if not exists session_of_person_open on accounts.session (person) where ended_at is null;

-- 管办分离: a person never changes sides and never becomes another person.
create or replace function accounts.keep_person() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a person is never deleted' using errcode = 'restrict_violation';
    end if;
    if (new.id, new.id_hash, new.side) is distinct from (old.id, old.id_hash, old.side)
       or new.created_by is distinct from old.created_by then
        raise exception 'side and identity of a person are never changed' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create or replace trigger keep_person before update or delete on accounts.person
    for each row execute function accounts.keep_person();

-- A role is asked by one, granted by another, and neither the grantor nor the asker of an official's role
-- may be the one who made his account. Outside demo and test nothing official is granted by nobody.
create or replace function accounts.grant_by_two() returns trigger language plpgsql as $$
declare
    creator uuid;
begin
    if tg_op = 'DELETE' then
        raise exception 'a membership is ended, never deleted' using errcode = 'restrict_violation';
    end if;
    if tg_op = 'UPDATE' then
        if (new.person, new.side, new.organisation, new.role) is distinct from
           (old.person, old.side, old.organisation, old.role) then
            raise exception 'a membership keeps its person, organisation and role'
                using errcode = 'restrict_violation';
        end if;
        if old.since is not null and (new.since, new.granted_by, new.asked_by) is distinct from
           (old.since, old.granted_by, old.asked_by) then
            raise exception 'a grant is never rewritten' using errcode = 'restrict_violation';
        end if;
        if old.until is not null and new.until is distinct from old.until then
            raise exception 'an ended membership stays ended' using errcode = 'restrict_violation';
        end if;
    end if;
    if new.side <> 'trade' and new.since is not null then
        select created_by into creator from accounts.person where id = new.person;
        if new.granted_by = creator or new.asked_by = creator then
            raise exception 'who makes an account neither asks nor grants its roles'
                using errcode = 'restrict_violation';
        end if;
        if (new.granted_by is null or new.asked_by is null)
           and exists (select from kernel.mark where mode = 'production') then
            raise exception 'an official role is granted by two people' using errcode = 'restrict_violation';
        end if;
    end if;
    return new;
end $$;
create or replace trigger grant_by_two before insert or update or delete on accounts.membership
    for each row execute function accounts.grant_by_two();

-- A substitute stands on the same side, in the same role and organisation as the one who is away.
create or replace function accounts.delegate_like_to_like() returns trigger language plpgsql as $$
begin
    if not exists (
        select from accounts.membership a join accounts.membership s
            on (a.side, a.role, a.organisation) = (s.side, s.role, s.organisation)
        where a.id = new.absent and s.id = new.substitute and a.person <> s.person
            and a.side in ('operate', 'supervise')
    ) then
        raise exception 'a substitute has the same side, role and organisation'
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create or replace trigger delegate_like_to_like before insert or update on accounts.delegation
    for each row execute function accounts.delegate_like_to_like();

-- Each login decides about leave on its own side only.
alter table accounts.delegation enable row level security;
drop policy if exists every_delegation_is_seen on accounts.delegation;
drop policy if exists trading_delegates_its_own on accounts.delegation;
drop policy if exists trading_ends_its_own on accounts.delegation;
drop policy if exists supervision_delegates_its_own on accounts.delegation;
drop policy if exists supervision_ends_its_own on accounts.delegation;
create policy every_delegation_is_seen on accounts.delegation for select using (true);
create policy trading_delegates_its_own on accounts.delegation for insert to trading
    with check ((select side from accounts.membership where id = absent) <> 'supervise');
create policy trading_ends_its_own on accounts.delegation for update to trading
    using ((select side from accounts.membership where id = absent) <> 'supervise');
create policy supervision_delegates_its_own on accounts.delegation for insert to supervision
    with check ((select side from accounts.membership where id = absent) = 'supervise');
create policy supervision_ends_its_own on accounts.delegation for update to supervision
    using ((select side from accounts.membership where id = absent) = 'supervise');

-- Who runs the trades can make nobody a supervisor, and a supervisor nobody a trader, whatever their programs try.
alter table accounts.person enable row level security;
alter table accounts.membership enable row level security;
drop policy if exists everybody_is_seen on accounts.person;
drop policy if exists trading_makes_its_own on accounts.person;
drop policy if exists trading_changes_its_own on accounts.person;
drop policy if exists supervision_makes_its_own on accounts.person;
create policy everybody_is_seen on accounts.person for select using (true);
create policy trading_makes_its_own on accounts.person for insert to trading with check (side <> 'supervise');
create policy trading_changes_its_own on accounts.person for update to trading
    using (side <> 'supervise') with check (side <> 'supervise');
create policy supervision_makes_its_own on accounts.person for insert to supervision
    with check (side = 'supervise');
drop policy if exists every_role_is_seen on accounts.membership;
drop policy if exists trading_asks_its_own on accounts.membership;
drop policy if exists trading_grants_its_own on accounts.membership;
drop policy if exists supervision_asks_its_own on accounts.membership;
drop policy if exists supervision_grants_its_own on accounts.membership;
create policy every_role_is_seen on accounts.membership for select using (true);
create policy trading_asks_its_own on accounts.membership for insert to trading with check (side <> 'supervise');
create policy trading_grants_its_own on accounts.membership for update to trading
    using (side <> 'supervise') with check (side <> 'supervise');
create policy supervision_asks_its_own on accounts.membership for insert to supervision
    with check (side = 'supervise');
create policy supervision_grants_its_own on accounts.membership for update to supervision
    using (side in ('supervise', 'judge')) with check (side in ('supervise', 'judge'));
