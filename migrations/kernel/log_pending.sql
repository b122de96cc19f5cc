-- Every event waits for its place in the tree from the moment it is written; nobody can write one that does not.
CREATE OR REPLACE FUNCTION kernel.await_sequencing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO kernel.log_pending (event) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER await_sequencing AFTER INSERT ON kernel.log_event
    FOR EACH ROW EXECUTE FUNCTION kernel.await_sequencing();
