-- Which decision gave the step its chain, where a later one replaces an earlier one; 0 where its event named the workflow.
ALTER TABLE steps ADD COLUMN IF NOT EXISTS attribution_turn UInt64 DEFAULT 0 AFTER candidates;
