-- What people did about alerts: every action, and where the alert stands since. Of two with one number the one stored first counts.
CREATE TABLE IF NOT EXISTS alert_actions
(
    tenant LowCardinality(String),
    alert_id String,
    number UInt32,
    token String,
    stored_at DateTime64(6, 'UTC') DEFAULT now64(6),
    at DateTime64(3, 'UTC'),
    actor String,
    status LowCardinality(String),
    assignee String,
    verdict LowCardinality(String),
    reason String CODEC(ZSTD(1)),
    note String CODEC(ZSTD(1)),
    revision UInt32,
    severity Enum8('info' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4),
    event_ids Array(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, alert_id, number, token);
