-- That a producer was alive. Kept apart from the steps: a heartbeat belongs to no chain.
CREATE TABLE IF NOT EXISTS heartbeats
(
    tenant LowCardinality(String),
    event_id String,
    source LowCardinality(String),
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(9, 'UTC'),
    arrived_at DateTime64(3, 'UTC'),
    agent_id LowCardinality(String),
    workflow_id String,
    interval_s Nullable(Float64),
    event String CODEC(ZSTD(1)),
    stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, event_id, source);
