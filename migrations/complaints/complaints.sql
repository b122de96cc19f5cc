-- What was filed stands as it was filed; what was done and every paper stay for ever.
SELECT kernel.keep_forever(kept::regclass) FROM unnest(ARRAY['complaints.entry', 'complaints.paper']) AS kept;

CREATE OR REPLACE FUNCTION complaints.keep_filing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'complaints.complaint is never deleted' USING ERRCODE = '42501';
    END IF;
    IF (to_jsonb(NEW) - ARRAY['stage', 'admitted_at', 'first', 'first_name', 'second', 'second_name', 'drafted_by',
                              'outcome', 'decision'])
       <> (to_jsonb(OLD) - ARRAY['stage', 'admitted_at', 'first', 'first_name', 'second', 'second_name', 'drafted_by',
                                 'outcome', 'decision']) THEN
        RAISE EXCEPTION 'what was filed stands as it was filed' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER keep_filing BEFORE UPDATE OR DELETE ON complaints.complaint
    FOR EACH ROW EXECUTE FUNCTION complaints.keep_filing();
