-- Executions of the definition, with the journals of those that are not over.

CREATE TABLE definitions (
    digest TEXT PRIMARY KEY,
    text   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE executions (
    number     INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,         -- kept for ever: a name begins once
    definition TEXT    NOT NULL REFERENCES definitions (digest),
    begun_at   INTEGER NOT NULL,
    ended_at   INTEGER,
    outcome    TEXT                             -- JSON, once it has ended
) STRICT;

CREATE INDEX executions_open ON executions (number) WHERE ended_at IS NULL;

CREATE TABLE journal (
    execution INTEGER NOT NULL REFERENCES executions (number),
    sequence  INTEGER NOT NULL,
    event     TEXT    NOT NULL,
    PRIMARY KEY (execution, sequence)
) STRICT, WITHOUT ROWID;
