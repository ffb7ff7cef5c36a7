-- Lists with their filters, by name. A later change replaces an earlier one.
CREATE TABLE IF NOT EXISTS saved_queries
(
    tenant LowCardinality(String),
    name String,
    version UInt64,
    is_removed UInt8,
    changed_at DateTime64(3, 'UTC'),
    query String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, name);
