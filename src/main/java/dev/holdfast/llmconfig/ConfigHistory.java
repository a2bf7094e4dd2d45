package dev.holdfast.llmconfig;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.holdfast.db.Database;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.KeysetStatements;
import dev.holdfast.http.PageRequest;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** Reads what became of a config. It is written by PostgreSQL itself, in the statement of the change. */
@ApplicationScoped
public class ConfigHistory {

    private static final String LIST = """
            select version, action, actor, floor(extract(epoch from at))::bigint as at, changes::text as changes
            from llm_config_history
            where config_id = $1 %1$s
            order by version %2$s
            limit $2
            """;
    static final KeysetStatements ENTRIES = new KeysetStatements("llm_configs.history", LIST, "and version %s $3");

    private final Database db;

    ConfigHistory(Database db) {
        this.db = db;
    }

    /**
     * One change of a config.
     *
     * @param version the version that it led to
     * @param action {@code created}, {@code updated} or {@code deleted}
     * @param by the id of the key that asked for it; a role of PostgreSQL where it was done there
     * @param at in seconds since 1970
     * @param changes JSON text of a list: {@code {field, old, new}}, and {@code {"field":"api_key","change"}} with {@code
     *     set}, {@code changed} or {@code removed}
     */
    @JsonPropertyOrder({"id", "object", "config", "version", "action", "by", "at", "changes"})
    public record Entry(
            String config,
            long version,
            String action,
            String by,
            long at,
            @JsonRawValue String changes) {

        /** The version as text: what {@code after} takes. */
        @JsonProperty("id")
        String id() {
            return Long.toString(version);
        }

        @JsonProperty("object")
        String object() {
            return "llm_config.change";
        }
    }

    /** At most one entry more than the page holds, in the order of versions; none if there never was such a config. */
    public Uni<List<Entry>> list(Ticket ticket, String config, PageRequest page) {
        Tuple params = Tuple.of(config, page.limit() + 1);
        if (page.after() != null) {
            params.addLong(Long.parseLong(page.after()));
        }
        return db.query(ticket, ENTRIES.of(page), params, rows -> entries(config, rows));
    }

    private static List<Entry> entries(String config, RowSet<Row> rows) {
        List<Entry> entries = new ArrayList<>(rows.size());
        for (Row row : rows) {
            entries.add(new Entry(
                    config,
                    row.getLong("version"),
                    row.getString("action"),
                    row.getString("actor"),
                    row.getLong("at"),
                    row.getString("changes")));
        }
        return entries;
    }
}
