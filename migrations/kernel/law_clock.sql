-- The law's instant. A production database looks at nothing but its own clock; a database without a mark has none.
CREATE OR REPLACE FUNCTION kernel.law_now() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    marked text;
    moment timestamptz;
BEGIN
    SELECT mode INTO STRICT marked FROM kernel.mark;
    IF marked = 'production' THEN
        RETURN clock_timestamp();
    END IF;
    SELECT coalesce(frozen_at, clock_timestamp() + shift) INTO STRICT moment FROM kernel.clock;
    RETURN moment;
END $$;

-- The clock of a production database cannot be touched, whatever is granted.
CREATE OR REPLACE FUNCTION kernel.refuse_moving_real_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM kernel.mark WHERE mode = 'production') THEN
        RAISE EXCEPTION 'the clock of a production database does not move' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER clock_is_real BEFORE UPDATE OR DELETE ON kernel.clock
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_moving_real_clock();
