-- Who may come in, and files on their way in. Secrets are kept as hashes only.

CREATE TABLE accounts (
    email    TEXT PRIMARY KEY,                  -- case-folded
    address  TEXT NOT NULL,                     -- as it is written to
    subject  TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL                      -- argon2id, PHC format
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token      TEXT    PRIMARY KEY,             -- SHA-256 of the token
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    opened_at  INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_person ON sessions (issuer, subject);

CREATE TABLE api_keys (
    id         TEXT    PRIMARY KEY,
    secret     TEXT    NOT NULL,                -- SHA-256 of the secret
    label      TEXT    NOT NULL,
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,                -- JSON
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    id         TEXT    PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_expiring ON uploads (expires_at);

CREATE TABLE upload_files (
    upload   TEXT    NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    file     INTEGER NOT NULL,
    received INTEGER NOT NULL,                  -- bytes that are durable
    key      TEXT,                              -- the source version that the file became
    version  TEXT,
    PRIMARY KEY (upload, file)
) STRICT, WITHOUT ROWID;
