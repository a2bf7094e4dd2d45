package dev.holdfast.fire;

import dev.holdfast.testkit.TestDatabase;

/** While it is there, making a conversation takes as long as its request says. */
record SlowConversations(TestDatabase database) implements AutoCloseable {

    SlowConversations {
        database.execute("""
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN PERFORM pg_sleep((NEW.metadata ->> 'seconds')::float); RETURN NEW; END $$;
                CREATE TRIGGER slow BEFORE INSERT ON conversations
                    FOR EACH ROW WHEN (NEW.metadata ->> 'seconds' IS NOT NULL) EXECUTE FUNCTION slow()
                """);
    }

    /** What to post to {@code /v1/conversations}. */
    static String taking(double seconds) {
        return "{\"metadata\":{\"seconds\":\"" + seconds + "\"}}";
    }

    @Override
    public void close() {
        database.execute("DROP TRIGGER slow ON conversations; DROP FUNCTION slow()");
    }
}
