-- The same rows as before, written by a statement that is planned once for each session: a function in SQL is planned again
-- at each of its calls, which made this the dearest part of creating a conversation.
CREATE OR REPLACE FUNCTION keep_conversation_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM conversation_filters WHERE project_id = OLD.project_id AND conversation_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        -- What metadata_digest makes of one pair and of two.
        WITH pair AS (
            SELECT m.key COLLATE "C" AS k,
                length(m.key)::text || ':' || m.key || length(m.value)::text || ':' || m.value AS line
            FROM json_each_text(NEW.metadata) AS m
        )
        INSERT INTO conversation_filters (project_id, digest, conversation_id)
        SELECT NEW.project_id, sha256(convert_to(line, 'UTF8')), NEW.id FROM pair
        UNION ALL
        SELECT NEW.project_id, sha256(convert_to(a.line || b.line, 'UTF8')), NEW.id
        FROM pair a JOIN pair b ON a.k < b.k;
    END IF;
    RETURN NULL;
END
$$;
DROP FUNCTION keep_conversation_filters;
