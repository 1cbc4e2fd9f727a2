-- A mail that the mail server had taken can come back.
ALTER TABLE deliveries ADD COLUMN came_back TEXT;
