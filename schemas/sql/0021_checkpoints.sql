-- What a long-lived thread knows after its first steps: who takes it back goes on from there, and what is usual for an agent outlives its steps.
CREATE TABLE IF NOT EXISTS checkpoints
(
    tenant LowCardinality(String),
    thread String,
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    until DateTime64(3, 'UTC'),
    readers String,
    state String CODEC(ZSTD(3)),
    stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(sequence)
ORDER BY (tenant, thread);
