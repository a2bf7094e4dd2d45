package dev.holdfast.testkit;

import dev.holdfast.db.ConnectionUri;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.time.Duration;
import java.util.Map;

/**
 * Gives the service of a test profile a database of its own, by way of a {@link Proxy} and as a role of its own, so that
 * the network and the log-in can fail. A test gets it by having a field of this type.
 */
public class ProxiedDatabase implements QuarkusTestResourceLifecycleManager {

    /** What must be seen nowhere; it is in the service's {@code DATABASE_URL}. */
    public static final String PASSWORD = "marked-database-password";

    static final String ROLE = "holdfast_proxied";

    private TestDatabase database;
    private Proxy proxy;

    @Override
    public Map<String, String> start() {
        database = create();
        ConnectionUri uri = ConnectionUri.parse(database.url());
        dropRole();
        String owner = database.value(String.class, "SELECT quote_ident(current_user)");
        database.execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD + "' IN ROLE " + owner);
        proxy = new Proxy(uri.host(), uri.port());
        return Map.of(
                "holdfast.db.url",
                "postgresql://" + ROLE + ":" + PASSWORD + "@localhost:" + proxy.port() + "/" + uri.database());
    }

    TestDatabase create() {
        return TestDatabase.newDatabase();
    }

    @Override
    public void stop() {
        proxy.close();
        dropRole();
        database.close();
    }

    /** After the resource that names the shared database: the later one's word counts. */
    @Override
    public int order() {
        return 1;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(getClass()));
    }

    public TestDatabase database() {
        return database;
    }

    public Proxy proxy() {
        return proxy;
    }

    /** PostgreSQL turns the service away from now on: SQLSTATE 28000, however the server checks passwords. */
    public void rejectLogIns() {
        database.execute("ALTER ROLE " + ROLE + " NOLOGIN");
    }

    public void acceptLogIns() {
        database.execute("ALTER ROLE " + ROLE + " LOGIN");
    }

    /** Ends the service's connections, the monitor's included, from PostgreSQL's side. */
    public void terminateBackends() {
        database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ?", ROLE);
    }

    /** Every insertion of conversations takes so long from now on, and holds its connection meanwhile. */
    public void slowInserts(Duration each) {
        database.execute("""
                CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN PERFORM pg_sleep(%s); RETURN NULL; END $$;
                CREATE OR REPLACE TRIGGER slow AFTER INSERT ON conversations FOR EACH STATEMENT EXECUTE FUNCTION slow()
                """.formatted(each.toMillis() / 1000.0));
    }

    public void quickInserts() {
        database.execute("DROP TRIGGER IF EXISTS slow ON conversations");
    }

    private void dropRole() {
        database.execute("DROP ROLE IF EXISTS " + ROLE);
    }
}
