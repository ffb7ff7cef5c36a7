-- An insert that is sent again, since the answer to it was lost, is dropped by its token. Replicated tables do so by themselves.
ALTER TABLE steps MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE edges MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE links MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE chains MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE findings MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE alerts MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE credentials MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE coverage MODIFY SETTING non_replicated_deduplication_window = 100;
ALTER TABLE rejected MODIFY SETTING non_replicated_deduplication_window = 100;
