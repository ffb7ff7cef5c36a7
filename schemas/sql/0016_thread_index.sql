-- A batch asks for the threads of hundreds of credentials at once: with one false answer in a hundred for each of them, nearly
-- every block would be read.
ALTER TABLE steps DROP INDEX IF EXISTS by_thread;
ALTER TABLE steps ADD INDEX IF NOT EXISTS by_thread threads TYPE bloom_filter(0.0001) GRANULARITY 4;
ALTER TABLE steps MATERIALIZE INDEX by_thread;
