package dev.holdfast.db;

import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.util.function.UnaryOperator;

/** {@link Database}s without Quarkus, each on a pool of its own. */
final class Databases {

    private Databases() {}

    static Database of(Vertx vertx, DbConfig config) {
        return of(vertx, config, UnaryOperator.identity());
    }

    /** @param between what is put between the database and Vert.x's pool */
    static Database of(Vertx vertx, DbConfig config, UnaryOperator<Pool> between) {
        DatasourcePool source = new DatasourcePool(vertx, config);
        return new Database(vertx, source, between.apply(source.create(vertx)));
    }
}
