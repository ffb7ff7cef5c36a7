-- What callers read and did. Each process writes a chain of its own: a row carries the hash of the row before it. The tenant is empty
-- for every tenant.
CREATE TABLE IF NOT EXISTS audit_log
(
    chain String,
    number UInt64,
    at DateTime64(3, 'UTC'),
    tenant LowCardinality(String),
    actor String,
    role LowCardinality(String),
    action LowCardinality(String),
    target String CODEC(ZSTD(1)),
    status UInt16,
    detail String CODEC(ZSTD(1)),
    before String,
    hash String
)
ENGINE = ReplacingMergeTree
ORDER BY (chain, number);
