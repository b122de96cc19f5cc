-- Rows that may be added and never changed or removed, whoever asks: the second lock beside the grants.
CREATE OR REPLACE FUNCTION kernel.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

-- Other duties' scripts call this for their own append-only tables: SELECT kernel.keep_forever('box.receipt');
CREATE OR REPLACE FUNCTION kernel.keep_forever(kept regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON %s'
        ' FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change()', kept);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER keep_table BEFORE TRUNCATE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()', kept);
END $$;

SELECT kernel.keep_forever(kept::regclass) FROM unnest(ARRAY[
    'kernel.mark', 'kernel.directive', 'kernel.decision', 'kernel.decision_taken',
    'kernel.log_event', 'kernel.log_leaf', 'kernel.log_node', 'kernel.log_checkpoint', 'kernel.log_cosignature'
]) AS kept;
