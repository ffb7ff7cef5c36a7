-- Alerts that are not sent for a while. A row with a removal replaces the one without.
CREATE TABLE IF NOT EXISTS silences
(
    tenant LowCardinality(String),
    silence_id String,
    is_removed UInt8,
    created_at DateTime64(3, 'UTC'),
    expires_at DateTime64(3, 'UTC'),
    removed_at Nullable(DateTime64(3, 'UTC')),
    silence String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(is_removed)
ORDER BY (tenant, silence_id);
