-- All keys begin with the project, so that rows of one project stand together and the tables can be distributed by it.
-- Ids are compared by their bytes ("C"): lists are ordered by them, whatever the database's locale.

CREATE TABLE projects (
    id         text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO projects (id, name) VALUES ('default', 'Default');

CREATE TABLE api_keys (
    project_id text COLLATE "C" NOT NULL REFERENCES projects,
    id         text COLLATE "C" NOT NULL,
    hash       bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
    prefix     text        NOT NULL,
    name       text,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    PRIMARY KEY (project_id, id)
);

-- Ids begin with the time of their making: a project's conversations are listed in the order of the primary key.
-- Appending updates last_seq, which is in no index: with room on the page the update stays within it.
-- No foreign key to projects: a key of the project has let the request in, and checking it again would have every
-- insert lock the project's row.
CREATE TABLE conversations (
    project_id text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    metadata   json        NOT NULL,
    last_seq   bigint      NOT NULL,
    PRIMARY KEY (project_id, id)
) WITH (fillfactor = 80);

-- One row for each pair of metadata, so that a filtered list is a range of an index too. A trigger keeps them: it sees what
-- a concurrent update has just committed, which a statement that began before that would not.
CREATE TABLE conversation_metadata (
    project_id      text COLLATE "C" NOT NULL,
    key             text COLLATE "C" NOT NULL,
    value           text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, key, value, conversation_id)
);
CREATE INDEX conversation_metadata_conversation ON conversation_metadata (project_id, conversation_id);

CREATE FUNCTION keep_conversation_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM conversation_metadata WHERE project_id = OLD.project_id AND conversation_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO conversation_metadata (project_id, key, value, conversation_id)
        SELECT NEW.project_id, m.key, m.value, NEW.id FROM json_each_text(NEW.metadata) AS m;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER conversation_metadata_on_insert AFTER INSERT ON conversations
    FOR EACH ROW WHEN (NEW.metadata::text <> '{}') EXECUTE FUNCTION keep_conversation_metadata();
CREATE TRIGGER conversation_metadata_on_update AFTER UPDATE OF metadata ON conversations
    FOR EACH ROW EXECUTE FUNCTION keep_conversation_metadata();
CREATE TRIGGER conversation_metadata_on_delete AFTER DELETE ON conversations
    FOR EACH ROW WHEN (OLD.metadata::text <> '{}') EXECUTE FUNCTION keep_conversation_metadata();

-- json, not jsonb: an item is kept as it was sent. No foreign key to conversations: what belongs to a conversation
-- outlives it until it is purged in small batches, and whoever reads or appends goes through the conversation's row.
CREATE TABLE items (
    project_id      text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    seq             bigint      NOT NULL,
    id              text COLLATE "C" NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    body            json        NOT NULL,
    PRIMARY KEY (project_id, conversation_id, seq),
    -- The id comes before the conversation: a reference names an item of the project, wherever it is.
    CONSTRAINT items_id UNIQUE (project_id, id, conversation_id)
);

-- Conversations that are gone and whose items are still to be purged.
CREATE TABLE purges (
    project_id      text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    deleted_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, conversation_id)
);

CREATE TABLE idempotency_keys (
    project_id  text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    fingerprint bytea       NOT NULL CHECK (length(fingerprint) = 32),
    response    text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (project_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
