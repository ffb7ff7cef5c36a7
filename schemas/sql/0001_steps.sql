-- Steps, and how they hang together. Wide on purpose: what an analyst filters on is a column.
-- A row's ORDER BY is its identity and the partition is a function of it, so that a later commit (`sequence`) replaces.
-- '' stands for "not said"; `event` is the whole event as JSON, from which a step is read back exactly.
CREATE TABLE IF NOT EXISTS steps
(
    tenant LowCardinality(String),
    workflow_id String,
    time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    source LowCardinality(String),
    event_id String,
    result_event_id String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    is_gone UInt8,
    arrived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    step_id String,
    step_index Int32,
    parent_step_id String,
    kind LowCardinality(String),
    action LowCardinality(String),
    outcome LowCardinality(String),
    error String,
    session_id String,
    agent_id LowCardinality(String),
    agent_workload_id LowCardinality(String),
    principal_type LowCardinality(String),
    principal_id LowCardinality(String),
    tool LowCardinality(String),
    server LowCardinality(String),
    operation LowCardinality(String),
    resource_id String,
    resource_type LowCardinality(String),
    resource_zone LowCardinality(String),
    resource_sensitivity LowCardinality(String),
    destination_id String,
    destination_type LowCardinality(String),
    destination_external Nullable(Bool),
    credential_id String,
    parent_credential_id String,
    grant_id String,
    client_id LowCardinality(String),
    client_ip String,
    scopes Array(LowCardinality(String)),
    attribution_rule LowCardinality(String),
    attribution_grade LowCardinality(String),
    candidates Array(String),
    late Bool,
    clock_skew Bool,
    threads Array(String),
    link String,
    origin_file LowCardinality(Nullable(String)),
    origin_line Int64,
    event String CODEC(ZSTD(1)),
    INDEX by_event event_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_result result_event_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_session session_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_agent agent_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_credential credential_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_tool tool TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_thread threads TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(sequence, is_gone)
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, workflow_id, time, source, event_id)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS edges
(
    tenant LowCardinality(String),
    workflow_id String,
    from_step String,
    to_step String,
    type LowCardinality(String),
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    grade LowCardinality(String),
    rule LowCardinality(String),
    confidence Float64
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, workflow_id, from_step, to_step, type);

-- What a chain was told by another: `workflow_id` is the chain that was told.
CREATE TABLE IF NOT EXISTS links
(
    tenant LowCardinality(String),
    workflow_id String,
    from_workflow_id String,
    relation LowCardinality(String),
    what LowCardinality(String),
    source LowCardinality(String),
    event_id String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(9, 'UTC'),
    is_hidden Bool,
    link String CODEC(ZSTD(1)),
    INDEX by_giver from_workflow_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, workflow_id, from_workflow_id, relation, what, source, event_id);
