-- One room, one case at a time: whatever two processes do at once, the second of two overlapping bookings is refused.

do $$ begin
    if not exists (select from pg_constraint where conname = 'booking_without_clash') then
        alter table rooms.booking add constraint booking_without_clash
            exclude using gist (int4range(room, room, '[]') with &&, tstzrange(begins, ends) with &&)
            where (released_at is null);
    end if;
end $$;

select kernel.keep_forever('rooms.recording');
