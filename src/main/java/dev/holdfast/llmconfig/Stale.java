package dev.holdfast.llmconfig;

import jakarta.ws.rs.core.Response;

/** Says of an answer that it is what was known last, and since when PostgreSQL has not confirmed it. */
final class Stale {

    private static final String WARNING = "110 holdfast \"Response is Stale\"";

    private Stale() {}

    /** With {@code Age}, in seconds, and {@code Warning} where the view is not fresh. */
    static Response mark(Response.ResponseBuilder response, ConfigCache.View view) {
        view.age().ifPresent(age -> response.header("Age", age).header("Warning", WARNING));
        return response.build();
    }
}
