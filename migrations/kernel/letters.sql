-- Letters go one way and their answers the other: each login writes its own half only, and nobody changes either.
SELECT kernel.keep_forever(kept::regclass) FROM unnest(ARRAY[
    'kernel.letter', 'kernel.letter_delivered', 'kernel.letter_reply'
]) AS kept;

DO $$
DECLARE
    place text;
    writer text;
BEGIN
    FOREACH place IN ARRAY ARRAY['letter', 'letter_delivered', 'letter_reply'] LOOP
        writer := CASE place WHEN 'letter' THEN 'supervision' ELSE 'trading' END;
        EXECUTE format('ALTER TABLE kernel.%I ENABLE ROW LEVEL SECURITY', place);
        EXECUTE format('DROP POLICY IF EXISTS both_sides_read ON kernel.%I', place);
        EXECUTE format('DROP POLICY IF EXISTS one_side_writes ON kernel.%I', place);
        EXECUTE format('CREATE POLICY both_sides_read ON kernel.%I FOR SELECT USING (true)', place);
        EXECUTE format('CREATE POLICY one_side_writes ON kernel.%I FOR INSERT TO %I WITH CHECK (true)', place, writer);
    END LOOP;
END $$;
