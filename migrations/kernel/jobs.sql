-- What is due is found by one index scan, however much is done already.
CREATE INDEX IF NOT EXISTS job_due ON kernel.job (run_at) WHERE state = 'ready';
CREATE INDEX IF NOT EXISTS outbox_due ON kernel.outbox (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS message_unread_person ON kernel.message (person, sent_at) WHERE read_at IS NULL;
CREATE INDEX IF NOT EXISTS message_unread_organisation ON kernel.message (organisation, sent_at)
    WHERE read_at IS NULL;

-- A clock set forward makes jobs due: wake whoever waits for them.
CREATE OR REPLACE FUNCTION kernel.clock_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('job', '');
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER clock_moved AFTER UPDATE ON kernel.clock
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.clock_moved();
