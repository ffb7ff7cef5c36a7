-- For analysts who write SQL: what stands now, without FINAL, tombstones and revisions to think of.
CREATE VIEW IF NOT EXISTS v_alerts AS
SELECT
    tenant, alert_id, revision, status, workflow_id, detector, detectors, title, summary, severity, score, confidence,
    first_at, last_at, workflow_ids, agent_ids, principal_type, principal_id, credential_ids, grant_ids, frameworks,
    `evidence.workflow_id`, `evidence.event_id`, `evidence.role`
FROM alerts FINAL
WHERE (tenant, alert_id, revision) IN (SELECT tenant, alert_id, max(revision) FROM alerts GROUP BY tenant, alert_id);

CREATE VIEW IF NOT EXISTS v_chain_steps AS
SELECT
    s.tenant AS tenant, s.workflow_id AS workflow_id, s.time AS time, s.source AS source, s.event_id AS event_id,
    s.step_id AS step_id, s.parent_step_id AS parent_step_id, s.kind AS kind, s.action AS action,
    s.outcome AS outcome, s.error AS error, s.session_id AS session_id, s.agent_id AS agent_id,
    s.principal_id AS principal_id, s.tool AS tool, s.server AS server, s.operation AS operation,
    s.resource_id AS resource_id, s.resource_type AS resource_type, s.resource_zone AS resource_zone,
    s.resource_sensitivity AS resource_sensitivity, s.destination_id AS destination_id,
    s.destination_type AS destination_type, s.destination_external AS destination_external,
    s.credential_id AS credential_id, s.parent_credential_id AS parent_credential_id, s.grant_id AS grant_id,
    s.client_id AS client_id, s.scopes AS scopes, s.attribution_rule AS attribution_rule,
    s.attribution_grade AS attribution_grade, s.late AS late, s.clock_skew AS clock_skew, s.arrived_at AS arrived_at,
    c.task AS chain_task, c.status AS chain_status, c.score AS chain_score, c.severity AS chain_severity
FROM steps AS s FINAL
LEFT JOIN chains AS c FINAL ON c.tenant = s.tenant AND c.workflow_id = s.workflow_id;

-- Each credential with each of its ancestors: `depth` 0 is the credential itself, 1 its parent.
CREATE VIEW IF NOT EXISTS v_credential_lineage AS
WITH RECURSIVE lineage AS
(
    SELECT tenant, credential_id, credential_id AS ancestor_id, parent_id, toUInt8(0) AS depth
    FROM credentials FINAL
    UNION ALL
    SELECT l.tenant, l.credential_id, p.credential_id, p.parent_id, toUInt8(l.depth + 1)
    FROM lineage AS l
    INNER JOIN (SELECT tenant, credential_id, parent_id FROM credentials FINAL) AS p
        ON p.tenant = l.tenant AND p.credential_id = l.parent_id
    WHERE l.parent_id != '' AND l.depth < 64
)
SELECT
    l.tenant AS tenant, l.credential_id AS credential_id, l.depth AS depth, l.ancestor_id AS ancestor_id,
    a.type AS ancestor_type, a.subject AS ancestor_subject, a.workflow_ids AS ancestor_workflow_ids,
    a.agent_ids AS ancestor_agent_ids, a.scopes AS ancestor_scopes, a.uses AS ancestor_uses,
    a.first_at AS ancestor_first_at, a.last_at AS ancestor_last_at
FROM lineage AS l
INNER JOIN (SELECT * FROM credentials FINAL) AS a ON a.tenant = l.tenant AND a.credential_id = l.ancestor_id;
