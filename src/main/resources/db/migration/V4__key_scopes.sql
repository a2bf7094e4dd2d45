-- No scopes means all of them, those that a later release adds included.
ALTER TABLE api_keys
    ADD COLUMN scopes       text[] CHECK (cardinality(scopes) > 0),
    ADD COLUMN expires_at   timestamptz,
    ADD COLUMN last_used_at timestamptz;

-- Every replica holds all keys in memory and reads them again when the mark is another one. It is random and not a counter:
-- after a restore or a failover that lost something, a count could come back with other keys behind it.
CREATE TABLE key_changes (
    one  boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    mark uuid    NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO key_changes DEFAULT VALUES;

-- A trigger and not a part of our statements: the previous release's replicas, and whoever mends keys by hand, must not forget.
CREATE FUNCTION keys_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE key_changes SET mark = gen_random_uuid();
    PERFORM pg_notify('holdfast_keys', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER keys_changed AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF project_id, id, hash, scopes, expires_at, revoked_at
    ON api_keys FOR EACH STATEMENT EXECUTE FUNCTION keys_changed();
CREATE TRIGGER keys_changed AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF id
    ON projects FOR EACH STATEMENT EXECUTE FUNCTION keys_changed();
