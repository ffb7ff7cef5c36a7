-- What could not be seen, kept or read.
CREATE TABLE IF NOT EXISTS coverage
(
    tenant LowCardinality(String),
    id String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    at DateTime64(3, 'UTC'),
    workflow_id Nullable(String),
    what LowCardinality(String),
    detector LowCardinality(Nullable(String)),
    detail String
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, id);

CREATE TABLE IF NOT EXISTS rejected
(
    tenant LowCardinality(String),
    id String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    at DateTime64(3, 'UTC'),
    reason LowCardinality(String),
    path String,
    message String,
    origin_file LowCardinality(String),
    origin_line Int64,
    raw Nullable(String) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, id);
