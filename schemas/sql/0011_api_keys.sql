-- Who may ask. Of a key only its hash is stored. Revisions only grow (made, replaced, revoked), so that none comes back to life.
-- The tenant is empty where a key is for every tenant.
CREATE TABLE IF NOT EXISTS api_keys
(
    tenant LowCardinality(String),
    key_id String,
    revision UInt8,
    name String,
    role LowCardinality(String),
    hash String,
    created_at DateTime64(3, 'UTC'),
    created_by String,
    expires_at Nullable(DateTime64(3, 'UTC')),
    revoked_at Nullable(DateTime64(3, 'UTC'))
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (tenant, key_id);

-- Apart from the keys, so that who notes a use never writes over who revokes.
CREATE TABLE IF NOT EXISTS api_key_uses
(
    tenant LowCardinality(String),
    key_id String,
    used_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(used_at)
ORDER BY (tenant, key_id);
