-- What steps give or use of permissions in the manner of RFC 9396: each as JSON in one spelling.
ALTER TABLE steps ADD COLUMN IF NOT EXISTS permissions Array(String) CODEC(ZSTD(1)) AFTER scopes;
