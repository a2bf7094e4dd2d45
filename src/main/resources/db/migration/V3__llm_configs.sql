-- Configs belong to the deployment, not to a project. Their number is small; where tables are distributed by project these
-- are left as they are.

-- Every change of a config takes the next number here. Whoever writes locks this row first (the statements do, and so does
-- the trigger below): numbers become visible in their order, and no two writers wait for each other crosswise.
CREATE TABLE llm_config_changes (
    singleton boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (singleton),
    latest    bigint  NOT NULL
);
INSERT INTO llm_config_changes (latest) VALUES (0);

-- api_key is sealed; the keyset to open it with is not in the database. params is json, not jsonb: it is kept as it was sent.
CREATE TABLE llm_configs (
    id              text COLLATE "C" NOT NULL,
    name            text COLLATE "C" NOT NULL,
    provider        text        NOT NULL,
    model           text        NOT NULL,
    base_url        text,
    api_key         bytea,
    api_key_hint    text,
    params          json        NOT NULL,
    is_active       boolean     NOT NULL,
    is_default      boolean     NOT NULL,
    priority        int         NOT NULL,
    rpm             bigint,
    tpm             bigint,
    input_per_mtok  numeric,
    output_per_mtok numeric,
    metadata        json        NOT NULL,
    version         bigint      NOT NULL,
    change_no       bigint      NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT llm_configs_pkey PRIMARY KEY (id),
    CONSTRAINT llm_configs_name UNIQUE (name),
    CONSTRAINT llm_configs_default_is_active CHECK (is_active OR NOT is_default)
);
CREATE UNIQUE INDEX llm_configs_one_default ON llm_configs (is_default) WHERE is_default;
CREATE UNIQUE INDEX llm_configs_change_no ON llm_configs (change_no);

-- What became of each config, deleted ones included; nothing is ever removed from here.
CREATE TABLE llm_config_history (
    config_id text COLLATE "C" NOT NULL,
    version   bigint      NOT NULL,
    change_no bigint      NOT NULL,
    action    text        NOT NULL CHECK (action IN ('created', 'updated', 'deleted')),
    actor     text        NOT NULL,
    at        timestamptz NOT NULL,
    changes   json        NOT NULL,
    PRIMARY KEY (config_id, version)
);
CREATE UNIQUE INDEX llm_config_history_deletions ON llm_config_history (change_no) WHERE action = 'deleted';

-- What history compares; the key is not among it.
CREATE FUNCTION llm_config_fields(c llm_configs) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'name', c.name, 'provider', c.provider, 'model', c.model, 'base_url', c.base_url, 'params', c.params,
        'is_active', c.is_active, 'is_default', c.is_default, 'priority', c.priority, 'limits.rpm', c.rpm,
        'limits.tpm', c.tpm, 'cost.input_per_mtok', c.input_per_mtok, 'cost.output_per_mtok', c.output_per_mtok,
        'metadata', c.metadata)
$$;

-- Numbers the change, keeps the history, and takes the default from whoever had it. A trigger does so because it sees what
-- was committed while its statement waited for the lock, which the statement itself does not; and because no way to write
-- a config, be it by hand, gets round it. A statement that leaves the version alone only seals a key anew.
CREATE FUNCTION keep_llm_config_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
    before json;
    after  json;
    secret text;
    done   text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NEW;
    END IF;
    UPDATE llm_config_changes SET latest = latest + 1 RETURNING latest INTO number;
    IF TG_OP = 'INSERT' THEN
        done := 'created';
        after := llm_config_fields(NEW);
        secret := CASE WHEN NEW.api_key IS NOT NULL THEN 'set' END;
    ELSIF TG_OP = 'DELETE' THEN
        done := 'deleted';
        before := llm_config_fields(OLD);
        secret := CASE WHEN OLD.api_key IS NOT NULL THEN 'removed' END;
    ELSE
        done := 'updated';
        before := llm_config_fields(OLD);
        after := llm_config_fields(NEW);
        secret := CASE
            WHEN NEW.api_key IS NOT DISTINCT FROM OLD.api_key THEN NULL
            WHEN OLD.api_key IS NULL THEN 'set'
            WHEN NEW.api_key IS NULL THEN 'removed'
            ELSE 'changed' END;
    END IF;
    INSERT INTO llm_config_history (config_id, version, change_no, action, actor, at, changes)
    SELECT
        CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END,
        CASE WHEN TG_OP = 'DELETE' THEN OLD.version + 1 ELSE NEW.version END,
        number,
        done,
        coalesce(nullif(current_setting('holdfast.actor', true), ''), session_user),
        CASE WHEN TG_OP = 'DELETE' THEN clock_timestamp() ELSE NEW.updated_at END,
        (SELECT coalesce(json_agg(c.change ORDER BY c.place), '[]') FROM (
            SELECT coalesce(o.place, n.place) AS place,
                   json_build_object('field', key, 'old', o.value, 'new', n.value) AS change
            FROM json_each(before) WITH ORDINALITY AS o (key, value, place)
            FULL JOIN json_each(after) WITH ORDINALITY AS n (key, value, place) USING (key)
            WHERE coalesce(o.value::text, 'null') <> coalesce(n.value::text, 'null')
            UNION ALL
            SELECT 100, json_build_object('field', 'api_key', 'change', secret) WHERE secret IS NOT NULL) AS c);
    NOTIFY holdfast_llm_configs;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.change_no := number;
    IF NEW.is_default THEN
        UPDATE llm_configs SET is_default = false, version = version + 1, updated_at = NEW.updated_at
        WHERE is_default AND id <> NEW.id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER llm_config_changes BEFORE INSERT OR UPDATE OR DELETE ON llm_configs
    FOR EACH ROW EXECUTE FUNCTION keep_llm_config_changes();
