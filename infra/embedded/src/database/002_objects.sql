-- Files by version, objects that are being put together, and executions with their journals.

CREATE TABLE objects (
    number     INTEGER PRIMARY KEY,             -- of one key, the newest version has the largest
    area       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    version    TEXT    NOT NULL UNIQUE,
    request    TEXT,                            -- whose it is; none: the house's
    round      INTEGER,
    size       INTEGER NOT NULL,
    digest     TEXT    NOT NULL,
    crc32      INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('here', 'deleting', 'deleted', 'marker')),
    changed_at INTEGER NOT NULL                 -- of a deleted one, this row is the proof
) STRICT;

CREATE INDEX        objects_of_key    ON objects (area, key);
CREATE UNIQUE INDEX objects_here      ON objects (area, key)    WHERE state = 'here' AND area <> 'source';
CREATE INDEX        objects_of        ON objects (request, area) WHERE request IS NOT NULL AND state <> 'deleted';
CREATE INDEX        objects_bytes     ON objects (digest)       WHERE state = 'here';
CREATE INDEX        objects_deleting  ON objects (number)       WHERE state = 'deleting';

CREATE TABLE assemblies (
    id       TEXT PRIMARY KEY,
    request  TEXT,
    round    INTEGER,
    begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE parts (
    assembly TEXT    NOT NULL REFERENCES assemblies (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    crc32    INTEGER NOT NULL,
    file     TEXT    NOT NULL,
    PRIMARY KEY (assembly, number)
) STRICT, WITHOUT ROWID;
