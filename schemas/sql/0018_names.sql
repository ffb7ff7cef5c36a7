-- What things are called in steps, each once: for a search by words. Rows of one name become one, whichever step brought them, so a step that
-- comes again changes nothing. The n-grams are of the name in small letters.
CREATE TABLE IF NOT EXISTS names
(
    tenant LowCardinality(String),
    kind LowCardinality(String),
    name String,
    first_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    stored_at SimpleAggregateFunction(max, DateTime('UTC')),
    INDEX by_part lowerUTF8(name) TYPE ngrambf_v1(3, 16384, 2, 0) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, kind, name)
SETTINGS index_granularity = 1024;
CREATE MATERIALIZED VIEW IF NOT EXISTS names_of_steps TO names AS
SELECT
    tenant, named.1 AS kind, named.2 AS name, min(toDateTime64(time, 3, 'UTC')) AS first_at, max(toDateTime64(time, 3, 'UTC')) AS last_at,
    now('UTC') AS stored_at
FROM steps
ARRAY JOIN [
    ('tool', toString(tool)), ('resource', resource_id), ('agent', toString(agent_id)), ('credential', credential_id),
    ('credential', parent_credential_id)
] AS named
WHERE is_gone = 0 AND named.2 != ''
GROUP BY tenant, kind, name;
INSERT INTO names
SELECT
    tenant, named.1 AS kind, named.2 AS name, min(toDateTime64(time, 3, 'UTC')) AS first_at, max(toDateTime64(time, 3, 'UTC')) AS last_at,
    now('UTC') AS stored_at
FROM steps
ARRAY JOIN [
    ('tool', toString(tool)), ('resource', resource_id), ('agent', toString(agent_id)), ('credential', credential_id),
    ('credential', parent_credential_id)
] AS named
WHERE is_gone = 0 AND named.2 != ''
GROUP BY tenant, kind, name;
