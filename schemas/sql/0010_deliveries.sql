-- Where alerts are to be sent, and what became of it: a row a destination and revision. A later change replaces an earlier one.
CREATE TABLE IF NOT EXISTS deliveries
(
    tenant LowCardinality(String),
    alert_id String,
    revision UInt32,
    destination LowCardinality(String),
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    workflow_id String,
    state LowCardinality(String),
    only_if_told UInt8,
    queued_at DateTime64(3, 'UTC'),
    attempts UInt32,
    error Nullable(String),
    changed_at UInt64,
    stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1)),
    INDEX by_state state TYPE set(4) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (tenant, alert_id, revision, destination);
