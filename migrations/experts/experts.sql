-- Indexes for the draw's filters, and what is never changed; runs after every migration.

create index if not exists standing_now on experts.standing (expert) where known_until is null;
create unique index if not exists standing_once on experts.standing (expert) where known_until is null;
create index if not exists standing_waiting on experts.standing (known_from) where known_until is null and stage = 'applied';
create index if not exists practice_by_profession on experts.practice (profession, expert);
create index if not exists tie_by_code on experts.tie (code) where code <> '';
create index if not exists tie_by_name on experts.tie (name) where name <> '';
create index if not exists mark_by_kind on experts.mark (kind);
create index if not exists slot_by_expert on experts.slot (expert, until);
create index if not exists party_by_panel on experts.party (panel, role);

select kernel.keep_forever('experts.evidence');

-- What became known stays known: a row is closed once, and never rewritten.
create or replace function experts.close_once() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'what was known of an expert is never deleted' using errcode = 'restrict_violation';
    end if;
    if old.known_until is not null or new.known_until is null
        or to_jsonb(new) - 'known_until' is distinct from to_jsonb(old) - 'known_until' then
        raise exception 'what was known of an expert is closed, never rewritten' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
do $$
declare
    place text;
begin
    foreach place in array array['standing', 'practice', 'tie', 'mark', 'slot'] loop
        execute format('create or replace trigger close_once before update or delete on experts.%I'
            ' for each row execute function experts.close_once()', place);
    end loop;
end $$;

-- A seat keeps whose it is: the leaf's slip or the owner's person.
create or replace function experts.keep_seat() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a seat is left, never deleted' using errcode = 'restrict_violation';
    end if;
    if (new.id, new.panel, new.number, new.kind, new.profession, new.toss_seat, new.slip_sha256, new.person)
        is distinct from
       (old.id, old.panel, old.number, old.kind, old.profession, old.toss_seat, old.slip_sha256, old.person) then
        raise exception 'a seat keeps its member' using errcode = 'restrict_violation';
    end if;
    if old.left_at is not null and new.left_at is distinct from old.left_at then
        raise exception 'who has left has left' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create or replace trigger keep_seat before update or delete on experts.seat
    for each row execute function experts.keep_seat();
