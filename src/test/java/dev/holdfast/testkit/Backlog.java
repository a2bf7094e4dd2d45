package dev.holdfast.testkit;

/** Messages of the inbox, written behind the service's back as if they had all been accepted at once. */
public final class Backlog {

    private Backlog() {}

    /** Of senders {@code s0}, {@code s1} ... each so many, with the texts {@code n0}, {@code n1} ... in that order. */
    public static void make(TestDatabase database, int senders, int each) {
        make(database, senders, each, 0);
    }

    /** The same, with the texts from {@code n<first>} on: to be delivered to conversations that have the earlier ones. */
    public static void make(TestDatabase database, int senders, int each, int first) {
        database.execute("""
                INSERT INTO inbox_messages (project_id, id, source, external_id, fingerprint, state, item_ids, item_bodies,
                    received_at)
                SELECT 'default', 'inm_' || lpad(to_hex(g), 40, '0'), 'backlog', 's' || g %% %1$d, sha256('x'), 'waiting',
                    ARRAY['msg_' || g],
                    ARRAY['{"id":"msg_' || g || '","type":"message","role":"user","content":[{"text":"n' || g / %1$d || '"}]}'],
                    now()
                FROM generate_series(%1$d * %3$d, %1$d * (%2$d + %3$d) - 1) g ORDER BY g;
                INSERT INTO inbox_senders (project_id, external_id, waiting, due_at)
                SELECT project_id, external_id, count(*), now() FROM inbox_messages WHERE state = 'waiting' GROUP BY 1, 2
                """.formatted(senders, each, first));
    }
}
