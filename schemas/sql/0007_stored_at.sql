-- When a row was last written, on the clock of the store: what the retention of all but steps goes by.
ALTER TABLE edges ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
ALTER TABLE links ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
ALTER TABLE chains ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
ALTER TABLE findings ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
ALTER TABLE credentials ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
ALTER TABLE coverage ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
ALTER TABLE rejected ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1));
