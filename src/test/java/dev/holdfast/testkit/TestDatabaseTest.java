package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestDatabaseTest {

    private final TestDatabase shared = TestDatabase.shared();

    @Test
    void everyCallerOfOneJvmGetsTheSameDatabase() {
        assertThat(TestDatabase.shared().url()).isEqualTo(shared.url());
    }

    @Test
    void aNewDatabaseIsMigratedAndGoneWhenClosed() {
        List<Map<String, Object>> tables;
        String name;
        try (TestDatabase other = TestDatabase.newDatabase()) {
            name = other.value(String.class, "SELECT current_database()");
            tables = other.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
                    + " AND table_name <> 'flyway_schema_history'");
            assertThat(shared.query("SELECT FROM pg_database WHERE datname = ?", name))
                    .hasSize(1);
        }
        assertThat(tables).isNotEmpty();
        assertThat(shared.query("SELECT FROM pg_database WHERE datname = ?", name))
                .isEmpty();
    }
}
