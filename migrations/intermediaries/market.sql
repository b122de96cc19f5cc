-- What was decided, promised in writing or deducted stays as it was; and how agencies are found quickly.

select kernel.keep_forever('intermediaries.item_version');
select kernel.keep_forever('intermediaries.charge');

-- A licence of a person stands in one agency at a time.
create unique index if not exists practitioner_once on intermediaries.practitioner (profession, number)
    where removed_at is null;

-- The search: pairs of characters and facets by inverted index, only of those that are in.
create index if not exists agency_grams on intermediaries.agency using gin (grams) where stage = 'active';
create index if not exists agency_facets on intermediaries.agency using gin (facets) where stage = 'active';
create index if not exists agency_ranked on intermediaries.agency (band desc, rating_count desc, id)
    where stage = 'active';
create index if not exists promise_standing on intermediaries.promise (item) where standing;

-- Counting every facet over a whole shop takes a reading of the whole shop. Who chose nothing, or one thing, reads the
-- tally instead: each change of an agency in the market leaves differences, for each facet among those that have
-- each other facet, and among all (given ''). The mark of a star band is a facet too, and '*' counts the agencies.
create or replace function intermediaries.facets_counted(of intermediaries.agency) returns varchar[]
language sql immutable as $$
    select case when of.stage = 'active' then of.facets || array['s:' || of.band, '*']::varchar[] else '{}' end
$$;

create or replace function intermediaries.tell_tally() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if intermediaries.facets_counted(old) = intermediaries.facets_counted(new) then
            return null;
        end if;
        insert into intermediaries.tally (id, given, facet, n)
            select gen_random_uuid(), g, f, -1 from unnest(intermediaries.facets_counted(old)) f,
                unnest(array_replace(intermediaries.facets_counted(old), '*', '')) g where g !~ '^s:';
    end if;
    insert into intermediaries.tally (id, given, facet, n)
        select gen_random_uuid(), g, f, 1 from unnest(intermediaries.facets_counted(new)) f,
            unnest(array_replace(intermediaries.facets_counted(new), '*', '')) g where g !~ '^s:';
    return null;
end $$;

create or replace trigger tell_tally after insert or update of facets, band, stage on intermediaries.agency
    for each row execute function intermediaries.tell_tally();

create index if not exists tally_given on intermediaries.tally (given, facet) include (n);
