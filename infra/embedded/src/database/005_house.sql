-- What the house knows of itself: how often it was brought back from a backup, and when it last looked at the clock.

CREATE TABLE house (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    epoch        INTEGER NOT NULL,
    seen_at      INTEGER,                       -- the last look at the clock
    boot         TEXT,                          -- the start of the machine that it fell into
    uptime       INTEGER,                       -- seconds since that start: they pass also while the house does not run
    held_since   INTEGER,                       -- since when deadlines are held; none: they pass
    held_because TEXT
) STRICT;
INSERT INTO house (only_row, epoch) VALUES (1, 0);
