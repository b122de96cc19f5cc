-- What each login may touch. Nothing is allowed that is not allowed here; run whole after every migration.
--
-- `pg_temp.allow(login, rights, schema, tables)` gives rights on the named tables ('*': on all of the schema). An
-- append-only table (one that kernel.keep_forever has locked) never gives UPDATE or DELETE, whatever is asked.
-- The lines before the first "database:" line are for both databases.

CREATE OR REPLACE FUNCTION pg_temp.allow(login text, rights text, in_schema text, tables text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.oid::regclass AS name, EXISTS (
            SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'keep_rows') AS kept
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(in_schema) AND c.relkind IN ('r', 'p', 'v')
            AND (tables = '*' OR c.relname = ANY (regexp_split_to_array(tables, '\s+')))
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', in_schema, login);
        EXECUTE format('GRANT %s ON %s TO %I',
            CASE WHEN found.kept THEN regexp_replace(rights, ',\s*(UPDATE|DELETE)', '', 'g') ELSE rights END,
            found.name, login);
    END LOOP;
END $$;

-- Take everything back first, so that a line that was taken out of this file takes its right with it.
DO $$
DECLARE
    place name;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, trading, supervision', current_database());
    FOR place IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, trading, supervision', place);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, trading, supervision', place);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, trading, supervision', place);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC, trading, supervision', place);
    END LOOP;
END $$;

-- database: trading
DO $$ BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO trading, supervision', current_database());
END $$;
GRANT USAGE ON SCHEMA kernel TO trading, supervision;
GRANT EXECUTE ON FUNCTION kernel.law_now() TO trading, supervision;

-- The trading site and its worker.
SELECT pg_temp.allow('trading', 'SELECT', 'kernel', 'mark directive decision');
SELECT pg_temp.allow('trading', 'SELECT, INSERT', 'kernel', 'decision_taken');
SELECT pg_temp.allow('trading', 'SELECT', 'kernel', 'letter');
SELECT pg_temp.allow('trading', 'SELECT, INSERT', 'kernel', 'letter_delivered letter_reply');
SELECT pg_temp.allow('trading', 'SELECT, UPDATE', 'kernel', 'clock');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE', 'kernel', 'case_head request outbox message');
SELECT pg_temp.allow('trading', 'SELECT, INSERT', 'kernel', 'log_event log_leaf log_node log_checkpoint log_cosignature');
SELECT pg_temp.allow('trading', 'SELECT', 'kernel', 'published_node');
SELECT pg_temp.allow('trading', 'SELECT, DELETE', 'kernel', 'log_pending');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE, DELETE', 'kernel', 'job');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE', 'accounts', '*');
SELECT pg_temp.allow('trading', 'DELETE', 'accounts', 'session throttle');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE, DELETE', 'storage', '*');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE, DELETE', 'box', '*');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE', 'toss', '*');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE', 'rooms', '*');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE, DELETE', 'bidding', '*');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE, DELETE', 'experts', '*');
SELECT pg_temp.allow('trading', 'SELECT, INSERT, UPDATE, DELETE', 'intermediaries', '*');
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA intermediaries TO trading;

-- The supervision site, looking in: it reads records and the log, posts orders, and speaks as the regulator.
SELECT pg_temp.allow('supervision', 'SELECT', 'kernel', 'mark clock');
-- No events and no places in the tree (they would count sealed bids as they come), no files, no seeds.
SELECT pg_temp.allow('supervision', 'SELECT', 'kernel', 'published_leaf published_node log_checkpoint log_cosignature');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT', 'kernel', 'directive decision letter');
SELECT pg_temp.allow('supervision', 'SELECT', 'kernel', 'decision_taken letter_delivered letter_reply');
-- Its own people and their roles (row policies hold it to its side); of others neither identity number nor telephone.
SELECT pg_temp.allow('supervision', 'SELECT', 'accounts', 'mandate');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT', 'accounts', 'organisation');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT, UPDATE', 'accounts', 'membership delegation');
SELECT pg_temp.allow('supervision', 'INSERT', 'accounts', 'person');
GRANT SELECT (id, id_hash, name, side, created_by, created_at) ON accounts.person TO supervision;
SELECT pg_temp.allow('supervision', 'SELECT', 'box', 'box taken bid chain verdict rehearsal seen_event report_event shared_origin');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT', 'box', 'wrap');
GRANT SELECT (id, bid, "case", stage, way) ON box.seed TO supervision;
SELECT pg_temp.allow('supervision', 'SELECT, INSERT', 'box', 'message');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT, UPDATE', 'box', 'holder');
-- Draws: it rebuilds every list and speaks as the regulator.
SELECT pg_temp.allow('supervision', 'SELECT', 'toss', 'toss taken listing');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT', 'toss', 'message');
-- Which room a case has, and what was recorded there.
SELECT pg_temp.allow('supervision', 'SELECT', 'rooms', '*');
SELECT pg_temp.allow('supervision', 'SELECT', 'bidding', 'project lot notice document objection attendance opening first_opening newest_opening opening_signature archive paper');
-- Of the evaluation what is drawn up and signed: neither reviews nor marks before every member has given his.
SELECT pg_temp.allow('supervision', 'SELECT', 'bidding', 'evaluation clarification void_seat report signature signed_report');
-- The catalogue, and all that agencies and owners have filed.
SELECT pg_temp.allow('supervision', 'SELECT', 'intermediaries', 'item item_version item_proposal agency certificate owner');
SELECT pg_temp.allow('supervision', 'SELECT', 'intermediaries', 'practitioner promise avoidance charge');
-- The pool, whose owner sits there: lists are made again from it, experts called and admitted by it.
SELECT pg_temp.allow('supervision', 'SELECT', 'experts', '*');
-- Requests and their services; of applicants only the view, which holds nobody before the close.
SELECT pg_temp.allow('supervision', 'SELECT', 'intermediaries', 'request request_text applicant selection choice');
SELECT pg_temp.allow('supervision', 'SELECT', 'intermediaries', 'service_contract delivery rating rating_answer follow_up request_package');

-- database: supervision
DO $$ BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO supervision', current_database());
END $$;
GRANT USAGE ON SCHEMA kernel TO supervision;
GRANT EXECUTE ON FUNCTION kernel.law_now() TO supervision;

SELECT pg_temp.allow('supervision', 'SELECT', 'kernel', 'mark');
SELECT pg_temp.allow('supervision', 'SELECT, UPDATE', 'kernel', 'clock');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT, UPDATE', 'kernel', 'case_head request outbox message');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT', 'kernel', 'log_event log_leaf log_node log_checkpoint log_cosignature');
SELECT pg_temp.allow('supervision', 'SELECT', 'kernel', 'published_node');
SELECT pg_temp.allow('supervision', 'SELECT, DELETE', 'kernel', 'log_pending');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT, UPDATE, DELETE', 'kernel', 'job');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT, UPDATE', 'accounts', 'credential session token throttle');
SELECT pg_temp.allow('supervision', 'DELETE', 'accounts', 'session throttle');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT, UPDATE, DELETE', 'supervision', '*');
SELECT pg_temp.allow('supervision', 'SELECT, INSERT, UPDATE, DELETE', 'complaints', '*');
