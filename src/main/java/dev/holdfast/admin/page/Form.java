package dev.holdfast.admin.page;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What somebody has filled in; a field that is not there is empty. Surrounding spaces are nobody's intention. */
record Form(Map<String, List<String>> fields) {

    private static final int MOST_FIELDS = 200;

    /** Of a form's POST. */
    static Form of(RoutingContext ctx) {
        Buffer body = ctx.body().buffer();
        String text = body == null ? "" : body.toString(StandardCharsets.UTF_8);
        return new Form(new QueryStringDecoder(text, StandardCharsets.UTF_8, false, MOST_FIELDS).parameters());
    }

    /** Of a form's GET. */
    static Form ofQuery(RoutingContext ctx) {
        MultiMap query = ctx.queryParams();
        Map<String, List<String>> fields = new LinkedHashMap<>();
        query.names().forEach(name -> fields.put(name, query.getAll(name)));
        return new Form(fields);
    }

    String text(String name) {
        List<String> values = fields.get(name);
        return values == null || values.isEmpty() ? "" : values.get(0).strip();
    }

    List<String> all(String name) {
        return fields.getOrDefault(name, List.of());
    }

    boolean has(String name) {
        return !text(name).isEmpty();
    }
}
