-- What a door, a reader or the sweep looks for is found by one index scan, however much is kept.
CREATE INDEX IF NOT EXISTS upload_under_way ON storage.upload (owner_key) WHERE state IN ('open', 'complete');
CREATE INDEX IF NOT EXISTS upload_ending ON storage.upload (expires_at) WHERE state IN ('open', 'complete');
CREATE INDEX IF NOT EXISTS upload_to_do ON storage.upload (created_at) WHERE state IN ('claimed', 'erasing');
CREATE INDEX IF NOT EXISTS upload_of_bytes ON storage.upload (sha256, owner_key)
    WHERE state IN ('claimed', 'kept');
