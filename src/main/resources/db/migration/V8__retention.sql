-- For how long a project's conversations are kept after their last item; null for ever.
ALTER TABLE projects ADD COLUMN retention_days integer CHECK (retention_days BETWEEN 1 AND 36500);

-- When a conversation ends whatever is in it. Most have none, and are in no further index.
ALTER TABLE conversations ADD COLUMN expires_at timestamptz;
CREATE INDEX conversations_expires_at ON conversations (expires_at) WHERE expires_at IS NOT NULL;
