-- Which process folds a partition. The latest claim holds; who made an earlier one saves nothing more.
CREATE TABLE IF NOT EXISTS owners
(
    partition_id UInt32,
    epoch UInt64,
    owner String,
    claimed_at DateTime64(3) DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (partition_id, epoch, owner);
