package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.pgclient.PgException;
import org.jspecify.annotations.Nullable;

/**
 * What came of opening one connection just as the service opens all of its own: for whoever wants to know beforehand.
 *
 * @param encrypted whether the connection was; false where there was none
 * @param failure why there was none, without host, user or password; null where there was one
 * @param refusal what PostgreSQL, or a pooler in front of it, answered; null where it did not refuse
 */
public record Trial(
        boolean encrypted,
        @Nullable String failure,
        @Nullable PgException refusal) {

    /**
     * Opens a connection and closes it again; never fails.
     *
     * @throws IllegalArgumentException if {@code config} can't be used
     */
    public static Future<Trial> of(Vertx vertx, DbConfig config) {
        SessionOptions session = new SessionOptions(config);
        Wire wire = new Wire(vertx, session, session.connectTimeout(config));
        return wire.open(((VertxInternal) vertx).createEventLoopContext(), wire.timeout())
                .link()
                .map(Trial::opened)
                .otherwise(Trial::failed);
    }

    private static Trial opened(PgLink link) {
        boolean encrypted = link.encrypted();
        link.close();
        return new Trial(encrypted, null, null);
    }

    private static Trial failed(Throwable cause) {
        ConnectFailure failure = ConnectFailure.of(cause);
        return new Trial(
                false, failure.getMessage(), failure.getCause() instanceof PgException refusal ? refusal : null);
    }
}
