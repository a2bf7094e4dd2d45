package dev.holdfast.admin;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/**
 * The pool's status under the path where the panels that come to us look for it. A class of its own, because a request is
 * routed to one class by the longest path that fits, and {@code /admin/llm-configs} is another's.
 */
@Path("/admin/llm-configs/debug")
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class PanelResource {

    private final AdminResource figures;

    PanelResource(AdminResource figures) {
        this.figures = figures;
    }

    @GET
    @Path("/pool-status")
    public PoolStatus poolStatus() {
        return figures.poolStatus();
    }
}
