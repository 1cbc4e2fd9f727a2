-- What the other side answered as it took a mail, and whether a message was held back when it was last in hand.

ALTER TABLE deliveries ADD COLUMN answer TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
