-- What an application knows of its users, by the ids that it has for them. updated_at also tells a change that was sent twice,
-- because its connection was lost, from another one.
CREATE TABLE user_settings (
    project_id  text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    language    text,
    time_zone   text,
    metadata    json        NOT NULL,
    version     bigint      NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (project_id, external_id)
);

-- Whose conversation it is; a sender has one at a time. It never changes, so that appending still updates no indexed column.
ALTER TABLE conversations ADD COLUMN external_id text COLLATE "C";
CREATE UNIQUE INDEX conversations_external_id ON conversations (project_id, external_id) WHERE external_id IS NOT NULL;

-- The settings of the conversation's user, as they were when the item was accepted.
ALTER TABLE items ADD COLUMN settings json;

-- Where messages come from. Ids are unique in the deployment: a signed message names its source and nothing else. Secrets are
-- sealed; the keyset to open them with is not in the database.
CREATE TABLE inbox_sources (
    id                 text COLLATE "C" NOT NULL PRIMARY KEY,
    project_id         text COLLATE "C" NOT NULL,
    name               text        NOT NULL,
    secret             bytea       NOT NULL,
    secret_at          timestamptz NOT NULL,
    previous_secret    bytea,
    previous_secret_at timestamptz,
    created_at         timestamptz NOT NULL,
    CHECK ((previous_secret IS NULL) = (previous_secret_at IS NULL))
);

-- As with keys: every replica has all sources in memory and reads them again when the mark is another one.
CREATE TABLE inbox_source_changes (
    one  boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    mark uuid    NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO inbox_source_changes DEFAULT VALUES;

CREATE FUNCTION inbox_sources_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inbox_source_changes SET mark = gen_random_uuid();
    PERFORM pg_notify('holdfast_inbox_sources', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER inbox_sources_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON inbox_sources FOR EACH STATEMENT EXECUTE FUNCTION inbox_sources_changed();

-- One row for each sender of whom messages wait, and only then. Who accepts a message and who delivers locks it, so a sender's
-- messages become visible in the order of their numbers. A replica that has claimed it moves due_at to the end of its lease.
CREATE TABLE inbox_senders (
    project_id  text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    waiting     bigint      NOT NULL CHECK (waiting > 0),
    due_at      timestamptz NOT NULL,
    claim       uuid,
    attempts    int         NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, external_id)
) WITH (fillfactor = 70);
CREATE INDEX inbox_senders_due ON inbox_senders (project_id, due_at);

-- Bodies are emptied once they are in the conversation. Ids begin with the time of acceptance: lists are in their order, and what
-- is old is a range of the index by state. Order within a sender is that of seq.
CREATE TABLE inbox_messages (
    project_id        text COLLATE "C" NOT NULL,
    id                text COLLATE "C" NOT NULL,
    source            text COLLATE "C" NOT NULL,
    external_id       text COLLATE "C" NOT NULL,
    sender_message_id text COLLATE "C",
    fingerprint       bytea       NOT NULL CHECK (length(fingerprint) = 32),
    state             text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'done', 'dead')),
    seq               bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    item_ids          text[]      NOT NULL,
    item_bodies       text[]      NOT NULL,
    settings          json,
    attempts          int         NOT NULL DEFAULT 0,
    reason            text,
    conversation_id   text COLLATE "C",
    received_at       timestamptz NOT NULL,
    finished_at       timestamptz,
    CONSTRAINT inbox_messages_pkey PRIMARY KEY (project_id, id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX inbox_messages_sender_message_id ON inbox_messages (project_id, source, sender_message_id)
    WHERE sender_message_id IS NOT NULL;
CREATE INDEX inbox_messages_waiting ON inbox_messages (project_id, external_id, seq) WHERE state = 'waiting';
CREATE INDEX inbox_messages_state ON inbox_messages (state, id);
CREATE INDEX inbox_messages_source ON inbox_messages (source, state, id);
