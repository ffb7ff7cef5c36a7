-- Lists look up where rows stand before they read them whole. A projection is a part's columns once more, in another order, so that what is
-- asked of tools, resources and agents is read as a stretch of rows, whatever their chains. A row that was replaced stands there until its parts are
-- merged; who looks up checks what it found.
ALTER TABLE steps MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE steps ADD PROJECTION IF NOT EXISTS tool_places
(SELECT tool, tenant, workflow_id, event_id ORDER BY tool, tenant, workflow_id);
ALTER TABLE steps ADD PROJECTION IF NOT EXISTS resource_places
(SELECT resource_id, tenant, workflow_id, event_id ORDER BY resource_id, tenant, workflow_id);
ALTER TABLE steps ADD PROJECTION IF NOT EXISTS agent_places
(SELECT agent_id, tenant, time, workflow_id, source, event_id ORDER BY agent_id, tenant, time);
ALTER TABLE steps MATERIALIZE PROJECTION tool_places;
ALTER TABLE steps MATERIALIZE PROJECTION resource_places;
ALTER TABLE steps MATERIALIZE PROJECTION agent_places;
ALTER TABLE chains ADD INDEX IF NOT EXISTS by_agent agent_ids TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE chains ADD INDEX IF NOT EXISTS by_credential credential_ids TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE chains MATERIALIZE INDEX by_agent;
ALTER TABLE chains MATERIALIZE INDEX by_credential;
