-- A row of the vault says where bytes lie that must outlive us: it stays, and its lock only grows.
CREATE OR REPLACE FUNCTION storage.blob_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.sha256, NEW.size, NEW.version, NEW.kept_at) = (OLD.sha256, OLD.size, OLD.version, OLD.kept_at)
            AND NEW.locked_until >= OLD.locked_until THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'storage.blob keeps its rows and its locks' USING ERRCODE = '42501';
END $$;
CREATE OR REPLACE TRIGGER blob_stays BEFORE UPDATE OR DELETE ON storage.blob
    FOR EACH ROW EXECUTE FUNCTION storage.blob_stays();
CREATE OR REPLACE TRIGGER blob_table_stays BEFORE TRUNCATE ON storage.blob
    FOR EACH STATEMENT EXECUTE FUNCTION storage.blob_stays();

-- An upload that an act has claimed can only go forward, into the vault.
CREATE OR REPLACE FUNCTION storage.claimed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.owner_key, NEW.size, NEW.sha256) = (OLD.id, OLD.owner_key, OLD.size, OLD.sha256)
            AND NEW.state IN ('claimed', 'kept') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'upload % is part of an act', OLD.id USING ERRCODE = '42501';
END $$;
CREATE OR REPLACE TRIGGER claimed_stays BEFORE UPDATE OR DELETE ON storage.upload
    FOR EACH ROW WHEN (OLD.state IN ('claimed', 'kept')) EXECUTE FUNCTION storage.claimed_stays();
