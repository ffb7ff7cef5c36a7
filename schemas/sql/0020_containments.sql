-- What responders ordered: a row an order, which never changes. What became of its events is in deliveries.
CREATE TABLE IF NOT EXISTS containments
(
    tenant LowCardinality(String),
    containment_id String,
    action LowCardinality(String),
    ordered_at DateTime64(3, 'UTC'),
    agent_ids Array(String),
    credential_ids Array(String),
    grant_ids Array(String),
    containment String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, containment_id);
