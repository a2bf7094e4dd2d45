package dev.holdfast.admin.page;

import dev.holdfast.identity.AdminSessions;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.zip.GZIPOutputStream;

/**
 * The files that pages refer to, from memory. An address has its file's hash and so may be kept for ever by whoever has
 * fetched it; a hash that is not the file's is 404, so that nobody keeps an old file under a new name.
 */
@ApplicationScoped
class Assets {

    private static final String ROOT = AdminSessions.PATH + "/assets/";
    private static final String OWN = "/page/";
    private static final String LIBRARIES = "/META-INF/resources/webjars/";
    private static final String HTMX = "htmx.org";
    private static final String CHARTS = "chart.js";
    private static final int HASH = 8;

    private record Asset(String url, String type, Buffer plain, Buffer gzipped) {}

    private final AdminSessions sessions;
    private final Map<String, Asset> byName = new HashMap<>();

    @Inject
    Assets(AdminSessions sessions) {
        this.sessions = sessions;
    }

    void load(@Observes StartupEvent event) {
        if (sessions.enabled()) {
            add("page.css", "text/css;charset=UTF-8", read(OWN + "page.css"));
            add("page.js", "text/javascript;charset=UTF-8", read(OWN + "page.js"));
            add("pool.js", "text/javascript;charset=UTF-8", read(OWN + "pool.js"));
            add("icon.svg", "image/svg+xml", read(OWN + "icon.svg"));
            add("htmx.js", "text/javascript;charset=UTF-8", library(HTMX, "dist/htmx.min.js"));
            add("chart.js", "text/javascript;charset=UTF-8", library(CHARTS, "dist/chart.umd.min.js"));
        }
    }

    void install(@Observes Router router) {
        router.get(ROOT + ":hash/:name").handler(this::serve);
        router.get("/admin/").handler(ctx -> {
            if (ctx.normalizedPath().equals("/admin/") && sessions.enabled()) {
                ctx.response()
                        .setStatusCode(303)
                        .putHeader(HttpHeaders.LOCATION, PoolPages.PATH)
                        .end();
            } else {
                ctx.next();
            }
        });
    }

    /** Where a page finds this file. */
    String url(String name) {
        return Objects.requireNonNull(byName.get(name), name).url;
    }

    private void serve(RoutingContext ctx) {
        Asset asset = byName.get(ctx.pathParam("name"));
        if (asset == null || !asset.url.equals(ctx.normalizedPath())) {
            ctx.next();
            return;
        }
        HttpServerResponse response = ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, asset.type)
                .putHeader(HttpHeaders.CACHE_CONTROL, "public, max-age=31536000, immutable")
                .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
                .putHeader("X-Content-Type-Options", "nosniff");
        String accepted = ctx.request().getHeader(HttpHeaders.ACCEPT_ENCODING);
        if (accepted != null && accepted.contains("gzip")) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip").end(asset.gzipped);
        } else {
            response.end(asset.plain);
        }
    }

    private void add(String name, String type, byte[] content) {
        byName.put(
                name,
                new Asset(
                        ROOT + hash(content) + "/" + name, type, Buffer.buffer(content), Buffer.buffer(gzip(content))));
    }

    /** The libraries' own archives say which version they are, and have it in their files' names. */
    private static byte[] library(String name, String file) {
        Properties archive = new Properties();
        try {
            archive.load(new StringReader(new String(
                    read("/META-INF/maven/org.webjars.npm/" + name + "/pom.properties"), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read(LIBRARIES + name + "/" + archive.getProperty("version") + "/" + file);
    }

    private static byte[] read(String path) {
        try (InputStream in = Assets.class.getResourceAsStream(path)) {
            return Objects.requireNonNull(in, path).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }

    private static String hash(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(hash, 0, HASH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
