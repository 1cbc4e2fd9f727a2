-- Requests, their audit chains, what is to be done outside, and who people are.
-- Instants are nanoseconds since 1970. Bodies are the JSON of the domain; the columns beside them are what lists ask for.

CREATE TABLE requests (
    number      INTEGER PRIMARY KEY,            -- in the order in which they came
    id          TEXT    NOT NULL UNIQUE,
    version     INTEGER NOT NULL,               -- the sequence number of the last event
    status      TEXT    NOT NULL,
    waiting_for TEXT,                           -- the group whose decision is wanted
    project     TEXT    NOT NULL,
    store       TEXT,
    received_at INTEGER NOT NULL,
    due_at      INTEGER,                        -- when time asks for something
    is_over     INTEGER NOT NULL,
    body        TEXT    NOT NULL
) STRICT;

-- One index for each way of listing; all end in `number` by themselves.
CREATE INDEX requests_all         ON requests (received_at);
CREATE INDEX requests_open        ON requests (received_at)              WHERE is_over = 0;
CREATE INDEX requests_in_status   ON requests (status, received_at);
CREATE INDEX requests_of_project  ON requests (project, received_at);
CREATE INDEX requests_of_store    ON requests (store, received_at)       WHERE store IS NOT NULL;
CREATE INDEX requests_waiting_for ON requests (waiting_for, received_at) WHERE waiting_for IS NOT NULL;
CREATE INDEX requests_due         ON requests (due_at)                   WHERE due_at IS NOT NULL;

CREATE TABLE requesters (
    email       TEXT    NOT NULL,               -- case-folded
    received_at INTEGER NOT NULL,
    request     INTEGER NOT NULL REFERENCES requests (number),
    PRIMARY KEY (email, received_at, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    number   INTEGER PRIMARY KEY,
    request  INTEGER NOT NULL REFERENCES requests (number),
    sequence INTEGER NOT NULL,
    hash     TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    UNIQUE (request, sequence)
) STRICT;

-- The answer that each notice got.
CREATE TABLE aliases (
    notice  TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    body    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The one open request of each store.
CREATE TABLE holds (
    store   TEXT PRIMARY KEY,
    request TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    number        INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    due_at        INTEGER,                      -- when it may be claimed; a lease moves it to the lease's end
    attempts      INTEGER NOT NULL DEFAULT 0,
    undeliverable INTEGER NOT NULL DEFAULT 0,
    trouble       TEXT,
    body          TEXT    NOT NULL
) STRICT;
CREATE INDEX outbox_due           ON outbox (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_undeliverable ON outbox (number) WHERE undeliverable = 1;

CREATE TABLE deliveries (
    message      INTEGER NOT NULL REFERENCES outbox (number),
    email        TEXT    NOT NULL,              -- case-folded
    address      TEXT    NOT NULL,              -- as it was written to
    delivered_at INTEGER NOT NULL,
    PRIMARY KEY (message, email)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_to ON deliveries (email, delivered_at);

CREATE TABLE people (
    number   INTEGER PRIMARY KEY,
    email    TEXT    NOT NULL UNIQUE,           -- case-folded
    disabled INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE TABLE identities (
    issuer  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    person  INTEGER NOT NULL REFERENCES people (number),
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_of_person ON identities (person);
CREATE TABLE verified_emails (
    email  TEXT    PRIMARY KEY,                 -- case-folded
    person INTEGER NOT NULL REFERENCES people (number)
) STRICT, WITHOUT ROWID;
CREATE INDEX verified_emails_of_person ON verified_emails (person);
CREATE TABLE memberships (
    group_name TEXT NOT NULL,
    project TEXT    NOT NULL,                   -- empty: in every project
    person  INTEGER NOT NULL REFERENCES people (number),
    PRIMARY KEY (group_name, project, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_of_person ON memberships (person);

CREATE TABLE policies (
    name    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE policy_assignments (
    project TEXT PRIMARY KEY,                   -- empty: the house
    policy  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    number      INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    came_at     INTEGER NOT NULL,
    digest      TEXT    NOT NULL UNIQUE,        -- of the body: the same thing is kept once
    reason      TEXT    NOT NULL,
    body        TEXT    NOT NULL
) STRICT;

-- The access log, by day. A day that a checkpoint has bound is closed: what comes late goes to the first open day.
CREATE TABLE access (
    day      TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    body     TEXT    NOT NULL,                  -- canonical JSON
    PRIMARY KEY (day, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE access_segments (
    day    TEXT PRIMARY KEY,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE access_open (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    day      TEXT    NOT NULL                   -- the first day that is open
) STRICT;

-- The upstream platform's stores, as `source load` enters them.
CREATE TABLE egress_stores (
    id      TEXT PRIMARY KEY,
    status  TEXT NOT NULL,
    request TEXT                                -- the last one that claimed it
) STRICT, WITHOUT ROWID;
