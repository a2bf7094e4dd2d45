package dev.holdfast.llmconfig;

import dev.holdfast.sealing.Sealing;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/** How a config stands in PostgreSQL. */
final class ConfigRows {

    /** What {@link #config} reads, of the table under the alias {@code c}. */
    static final String COLUMNS = """
            c.id, c.name, c.provider, c.model, c.base_url, c.api_key, c.api_key_hint, c.params::text AS params,
            c.is_active, c.is_default, c.priority, c.rpm, c.tpm, c.input_per_mtok, c.output_per_mtok,
            c.metadata::text AS metadata, c.version, floor(extract(epoch FROM c.created_at))::bigint AS created_at,
            floor(extract(epoch FROM c.updated_at))::bigint AS updated_at
            """;

    private ConfigRows() {}

    /** Of the sealed key only its state goes on. */
    static LlmConfig config(Row row, Sealing sealing) {
        String id = row.getString("id");
        return new LlmConfig(
                id,
                row.getString("name"),
                row.getString("provider"),
                row.getString("model"),
                row.getString("base_url"),
                row.getString("api_key_hint"),
                KeyState.of(sealing, id, bytes(row.getBuffer("api_key"))),
                row.getString("params"),
                row.getBoolean("is_active"),
                row.getBoolean("is_default"),
                row.getInteger("priority"),
                new LlmConfig.Limits(row.getLong("rpm"), row.getLong("tpm")),
                new LlmConfig.Cost(row.getBigDecimal("input_per_mtok"), row.getBigDecimal("output_per_mtok")),
                row.getString("metadata"),
                row.getLong("version"),
                row.getLong("created_at"),
                row.getLong("updated_at"));
    }

    private static byte @Nullable [] bytes(@Nullable Buffer buffer) {
        return buffer == null ? null : buffer.getBytes();
    }
}
