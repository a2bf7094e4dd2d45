package dev.holdfast.admin;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** Figures, answered from memory: they take no connection and do not wait for PostgreSQL. */
@Path("/admin")
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class AdminResource {

    private final Database database;
    private final Monitor monitor;

    AdminResource(Database database, Monitor monitor) {
        this.database = database;
        this.monitor = monitor;
    }

    @GET
    @Path("/pool-status")
    public PoolStatus poolStatus() {
        return PoolStatus.of(database, monitor);
    }

    @GET
    @Path("/metrics/database")
    public DatabaseMetrics databaseMetrics() {
        return DatabaseMetrics.of(database, monitor);
    }
}
