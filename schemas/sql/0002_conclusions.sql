-- What was concluded from the steps. Each row's JSON is kept whole in one column and read back from it.
-- A chain of no events is gone: a tombstone that a later commit may lift.
CREATE TABLE IF NOT EXISTS chains
(
    tenant LowCardinality(String),
    workflow_id String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    is_gone UInt8,
    status LowCardinality(String),
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    events UInt64,
    steps UInt64,
    score Float64,
    severity Enum8('info' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4),
    task String,
    principal_type LowCardinality(String),
    principal_id LowCardinality(String),
    agent_ids Array(String),
    credential_ids Array(String),
    linked_workflow_ids Array(String),
    chain String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(sequence, is_gone)
ORDER BY (tenant, workflow_id);

CREATE TABLE IF NOT EXISTS findings
(
    tenant LowCardinality(String),
    workflow_id String,
    finding_id String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    status LowCardinality(String),
    reason Nullable(String),
    detector LowCardinality(String),
    detector_version UInt32,
    track String,
    at DateTime64(3, 'UTC'),
    severity Enum8('info' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4),
    confidence Float64,
    summary String,
    event_ids Array(String),
    finding String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, workflow_id, finding_id);

-- Every revision is a row of its own: the history of an alert is never lost.
CREATE TABLE IF NOT EXISTS alerts
(
    tenant LowCardinality(String),
    alert_id String,
    revision UInt32,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    status LowCardinality(String),
    workflow_id String,
    detector LowCardinality(String),
    detectors Array(LowCardinality(String)),
    title String,
    summary String,
    severity Enum8('info' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4),
    score Float64,
    confidence Float64,
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    workflow_ids Array(String),
    agent_ids Array(String),
    principal_type LowCardinality(String),
    principal_id LowCardinality(String),
    credential_ids Array(String),
    grant_ids Array(String),
    frameworks Array(LowCardinality(String)),
    evidence Nested
    (
        workflow_id String,
        event_id String,
        role String
    ),
    alert String CODEC(ZSTD(1)),
    INDEX by_workflow workflow_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, alert_id, revision);

CREATE TABLE IF NOT EXISTS credentials
(
    tenant LowCardinality(String),
    credential_id String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    type LowCardinality(String),
    parent_id String,
    parent_grade LowCardinality(String),
    issuer String,
    subject String,
    uses UInt64,
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    expires_at Nullable(DateTime64(3, 'UTC')),
    revoked_at Nullable(DateTime64(3, 'UTC')),
    workflow_ids Array(String),
    agent_ids Array(String),
    scopes Array(LowCardinality(String)),
    credential String CODEC(ZSTD(1)),
    state String CODEC(ZSTD(1)),
    INDEX by_parent parent_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, credential_id);
