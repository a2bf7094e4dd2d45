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

-- Numbers the change, keeps the history, and takes the default from whoever had it. A trigger does so because it sees what
-- was committed while its statement waited for the lock, which the statement itself does not; and because no way to write
-- a config, be it by hand, gets round it. A statement that leaves the version alone only seals a key anew. History is put
-- together without reading into params: json keeps what PostgreSQL could not.
CREATE FUNCTION keep_llm_config_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
    o      llm_configs;
    n      llm_configs;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NEW;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        o := OLD;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        n := NEW;
    END IF;
    UPDATE llm_config_changes SET latest = latest + 1 RETURNING latest INTO number;
    INSERT INTO llm_config_history (config_id, version, change_no, action, actor, at, changes)
    SELECT
        coalesce(n.id, o.id),
        coalesce(n.version, o.version + 1),
        number,
        CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'updated' ELSE 'deleted' END,
        coalesce(nullif(current_setting('holdfast.actor', true), ''), session_user),
        coalesce(n.updated_at, clock_timestamp()),
        (SELECT coalesce(json_agg(c.change ORDER BY c.place), '[]') FROM (
            SELECT f.place, json_build_object('field', f.field, 'old', f.old, 'new', f.new) AS change
            FROM (VALUES
                (1, 'name', to_json(o.name), to_json(n.name)),
                (2, 'provider', to_json(o.provider), to_json(n.provider)),
                (3, 'model', to_json(o.model), to_json(n.model)),
                (4, 'base_url', to_json(o.base_url), to_json(n.base_url)),
                (6, 'params', o.params, n.params),
                (7, 'is_active', to_json(o.is_active), to_json(n.is_active)),
                (8, 'is_default', to_json(o.is_default), to_json(n.is_default)),
                (9, 'priority', to_json(o.priority), to_json(n.priority)),
                (10, 'limits.rpm', to_json(o.rpm), to_json(n.rpm)),
                (11, 'limits.tpm', to_json(o.tpm), to_json(n.tpm)),
                (12, 'cost.input_per_mtok', to_json(o.input_per_mtok), to_json(n.input_per_mtok)),
                (13, 'cost.output_per_mtok', to_json(o.output_per_mtok), to_json(n.output_per_mtok)),
                (14, 'metadata', o.metadata, n.metadata)) AS f (place, field, old, new)
            WHERE f.old::text IS DISTINCT FROM f.new::text
            UNION ALL
            SELECT 5, json_build_object('field', 'api_key', 'change', CASE
                WHEN o.api_key IS NULL THEN 'set' WHEN n.api_key IS NULL THEN 'removed' ELSE 'changed' END)
            WHERE o.api_key IS DISTINCT FROM n.api_key) AS c);
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
