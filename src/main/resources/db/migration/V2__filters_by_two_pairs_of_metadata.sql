-- One row for each pair of metadata and for each two of them, so that a list filtered by either is a range of an index.
-- It takes the place of conversation_metadata, whose range was of one pair only.
CREATE TABLE conversation_filters (
    project_id      text COLLATE "C" NOT NULL,
    digest          bytea NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, digest, conversation_id)
);
CREATE INDEX conversation_filters_conversation ON conversation_filters (project_id, conversation_id);

-- The same for the same pairs in any order; lengths keep the end of one text apart from the beginning of the next.
CREATE FUNCTION metadata_digest(keys text[], vals text[]) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT sha256(convert_to(
        string_agg(length(p.k) || ':' || p.k || length(p.v) || ':' || p.v, '' ORDER BY p.k COLLATE "C"), 'UTF8'))
    FROM unnest(keys, vals) AS p (k, v)
$$;

CREATE FUNCTION keep_conversation_filters(project text, conversation text, metadata json) RETURNS void LANGUAGE sql AS $$
    WITH pair AS (
        SELECT m.key COLLATE "C" AS k, m.value AS v FROM json_each_text(metadata) AS m
    )
    INSERT INTO conversation_filters (project_id, digest, conversation_id)
    SELECT project, metadata_digest(ARRAY[k], ARRAY[v]), conversation FROM pair
    UNION ALL
    SELECT project, metadata_digest(ARRAY[a.k, b.k], ARRAY[a.v, b.v]), conversation
    FROM pair a JOIN pair b ON a.k < b.k
$$;

-- As before, a trigger keeps the rows: it sees what a concurrent update has just committed.
CREATE OR REPLACE FUNCTION keep_conversation_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM conversation_filters WHERE project_id = OLD.project_id AND conversation_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM keep_conversation_filters(NEW.project_id, NEW.id, NEW.metadata);
    END IF;
    RETURN NULL;
END
$$;

LOCK TABLE conversations IN SHARE ROW EXCLUSIVE MODE;
SELECT count(keep_conversation_filters(project_id, id, metadata)) FROM conversations WHERE metadata::text <> '{}';
DROP TABLE conversation_metadata;
