-- What agents are to remember. As everywhere, all keys begin with the project.

-- One version of a topic; it never changes, except that it may be archived. Numbers are taken under the lock of the topic's
-- row and never given twice.
CREATE TABLE memory_contexts (
    project_id  text COLLATE "C" NOT NULL,
    topic       text COLLATE "C" NOT NULL,
    seq         int         NOT NULL,
    content     text        NOT NULL,
    hash        bytea       NOT NULL CHECK (length(hash) = 32),
    priority    text        NOT NULL CHECK (priority IN ('always_check', 'important', 'reference')),
    tags        text[]      NOT NULL,
    preview     text        NOT NULL,
    concepts    text[]      NOT NULL,
    rules       text[]      NOT NULL,
    locked_by   text        NOT NULL,
    locked_at   timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (project_id, topic, seq)
);
-- The same content again is the same version.
CREATE UNIQUE INDEX memory_contexts_content ON memory_contexts (project_id, topic, hash) WHERE archived_at IS NULL;
CREATE INDEX memory_contexts_locked ON memory_contexts (project_id, locked_at);
CREATE INDEX memory_contexts_archived ON memory_contexts (project_id, archived_at) WHERE archived_at IS NOT NULL;

-- A topic and what lists and searches show of it: a copy of the version that was locked last. latest_seq is null, and so is
-- all of the copy, while no version is in force; the row stays, because it knows which numbers have been given.
CREATE TABLE memory_topics (
    project_id text COLLATE "C" NOT NULL,
    topic      text COLLATE "C" NOT NULL,
    next_seq   int         NOT NULL DEFAULT 0,
    versions   int         NOT NULL DEFAULT 0,
    latest_seq int,
    priority   text,
    tags       text[],
    preview    text,
    rules      text[],
    locked_at  timestamptz,
    search     tsvector,
    PRIMARY KEY (project_id, topic)
);
-- The project is a word of each vector: one index that is searched within the project only.
CREATE INDEX memory_topics_search ON memory_topics USING gin (search);

-- Topics by tag and priority, an empty text standing for any, so that each filtered list is a range of an index.
CREATE TABLE memory_topic_filters (
    project_id text COLLATE "C" NOT NULL,
    tag        text COLLATE "C" NOT NULL,
    priority   text COLLATE "C" NOT NULL,
    topic      text COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, tag, priority, topic)
);

CREATE FUNCTION keep_memory_topic_filters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.latest_seq IS NOT NULL THEN
        DELETE FROM memory_topic_filters f
        WHERE f.project_id = OLD.project_id AND f.topic = OLD.topic
          AND f.tag = ANY (OLD.tags || ''::text) AND f.priority IN ('', OLD.priority);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.latest_seq IS NOT NULL THEN
        INSERT INTO memory_topic_filters (project_id, tag, priority, topic)
        SELECT NEW.project_id, t.tag, p.priority, NEW.topic
        FROM unnest(NEW.tags || ''::text) AS t (tag), (VALUES (''), (NEW.priority)) AS p (priority);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER memory_topic_filters AFTER INSERT OR DELETE OR UPDATE OF latest_seq ON memory_topics
    FOR EACH ROW EXECUTE FUNCTION keep_memory_topic_filters();

-- Makes a version that is in force the latest of its topic, or none where seq is null.
CREATE FUNCTION show_memory_context(of_project text, of_topic text, of_seq int) RETURNS void LANGUAGE sql AS $$
    UPDATE memory_topics t SET
        latest_seq = c.seq, priority = c.priority, tags = c.tags, preview = c.preview, rules = c.rules,
        locked_at = c.locked_at, versions = n.versions,
        search = CASE WHEN c.seq IS NOT NULL THEN
            array_to_tsvector(ARRAY['=' || of_project])
            || setweight(to_tsvector('english', translate(of_topic, '/_.:-', '     ')), 'A')
            || setweight(to_tsvector('english', translate(array_to_string(c.tags, ' '), '/_.:-', '     ')), 'B')
            || to_tsvector('english', c.content) END
    FROM (SELECT count(*) AS versions FROM memory_contexts
            WHERE project_id = of_project AND topic = of_topic AND archived_at IS NULL) n
        LEFT JOIN memory_contexts c ON c.project_id = of_project AND c.topic = of_topic AND c.seq = of_seq
    WHERE t.project_id = of_project AND t.topic = of_topic
$$;

-- Makes the next version of a topic, or finds the one in force that has this content; either is the latest afterwards.
-- Functions, because each of their statements sees what was committed while the one before it waited for the topic's lock.
CREATE FUNCTION lock_memory_context(
    of_project text, of_topic text, of_content text, of_hash bytea, of_priority text, of_tags text[], of_preview text,
    of_concepts text[], of_rules text[], by text, at timestamptz)
RETURNS TABLE (created boolean, seq int, priority text, tags text[], preview text, concepts text[], locked_by text,
    locked_at timestamptz, versions int) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    next    int;
    latest  int;
    found   int;
BEGIN
    INSERT INTO memory_topics (project_id, topic) VALUES (of_project, of_topic) ON CONFLICT DO NOTHING;
    SELECT t.next_seq, t.latest_seq INTO next, latest FROM memory_topics t
    WHERE t.project_id = of_project AND t.topic = of_topic FOR UPDATE;
    SELECT c.seq INTO found FROM memory_contexts c
    WHERE c.project_id = of_project AND c.topic = of_topic AND c.hash = of_hash AND c.archived_at IS NULL;
    IF found IS NULL THEN
        INSERT INTO memory_contexts (project_id, topic, seq, content, hash, priority, tags, preview, concepts, rules,
            locked_by, locked_at)
        VALUES (of_project, of_topic, next, of_content, of_hash, of_priority, of_tags, of_preview, of_concepts, of_rules,
            by, at);
        UPDATE memory_topics SET next_seq = next + 1 WHERE project_id = of_project AND topic = of_topic;
    END IF;
    IF latest IS DISTINCT FROM coalesce(found, next) THEN
        PERFORM show_memory_context(of_project, of_topic, coalesce(found, next));
    END IF;
    RETURN QUERY
        SELECT found IS NULL, c.seq, c.priority, c.tags, c.preview, c.concepts, c.locked_by, c.locked_at, t.versions
        FROM memory_contexts c, memory_topics t
        WHERE c.project_id = of_project AND c.topic = of_topic AND c.seq = coalesce(found, next)
          AND t.project_id = of_project AND t.topic = of_topic;
END
$$;

-- Archives the version of this number, or all in force where it is null; without keep deletes it, be it archived or not.
-- Gives the numbers, and whether nothing was done because one is always_check and forced is not set.
CREATE FUNCTION unlock_memory_context(of_project text, of_topic text, of_seq int, forced boolean, keep boolean)
RETURNS TABLE (guarded boolean, seqs int[]) LANGUAGE plpgsql AS $$
DECLARE
    latest int;
BEGIN
    SELECT t.latest_seq INTO latest FROM memory_topics t
    WHERE t.project_id = of_project AND t.topic = of_topic FOR UPDATE;
    SELECT coalesce(bool_or(c.priority = 'always_check' AND c.archived_at IS NULL), false) AND NOT forced,
        coalesce(array_agg(c.seq ORDER BY c.seq), '{}')
    INTO guarded, seqs FROM memory_contexts c
    WHERE c.project_id = of_project AND c.topic = of_topic AND (of_seq IS NULL OR c.seq = of_seq)
      AND (NOT keep OR c.archived_at IS NULL);
    IF NOT guarded AND cardinality(seqs) > 0 THEN
        IF keep THEN
            UPDATE memory_contexts c SET archived_at = clock_timestamp()
            WHERE c.project_id = of_project AND c.topic = of_topic AND c.seq = ANY (seqs);
        ELSE
            DELETE FROM memory_contexts c
            WHERE c.project_id = of_project AND c.topic = of_topic AND c.seq = ANY (seqs);
        END IF;
        IF latest = ANY (seqs) THEN
            latest := (SELECT max(c.seq) FROM memory_contexts c
                WHERE c.project_id = of_project AND c.topic = of_topic AND c.archived_at IS NULL);
        END IF;
        PERFORM show_memory_context(of_project, of_topic, latest);
    END IF;
    RETURN NEXT;
END
$$;

-- From an agent's wake_up to its sleep, whichever replica it talks to. An agent has one open session at a time.
CREATE TABLE memory_sessions (
    project_id  text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    agent       text COLLATE "C" NOT NULL,
    started_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    before      timestamptz,
    wake_ups    int         NOT NULL,
    last_wake   text        NOT NULL,
    ended_at    timestamptz,
    summary     text,
    PRIMARY KEY (project_id, id)
);
CREATE UNIQUE INDEX memory_sessions_open ON memory_sessions (project_id, agent) WHERE ended_at IS NULL;
CREATE INDEX memory_sessions_agent ON memory_sessions (project_id, agent, seen_at);
CREATE INDEX memory_sessions_handovers ON memory_sessions (project_id, ended_at) WHERE ended_at IS NOT NULL;

-- The files of a code base, as an agent has described them.
CREATE TABLE memory_files (
    project_id text COLLATE "C" NOT NULL,
    path       text COLLATE "C" NOT NULL,
    type       text COLLATE "C" NOT NULL,
    cluster    text COLLATE "C" NOT NULL,
    purpose    text        NOT NULL,
    imports    text[]      NOT NULL,
    exports    text[]      NOT NULL,
    stored_at  timestamptz NOT NULL,
    search     tsvector    NOT NULL,
    PRIMARY KEY (project_id, path)
);
CREATE INDEX memory_files_type ON memory_files (project_id, type, path);
CREATE INDEX memory_files_cluster ON memory_files (project_id, cluster, path);
CREATE INDEX memory_files_cluster_type ON memory_files (project_id, cluster, type, path);
CREATE INDEX memory_files_search ON memory_files USING gin (search);
