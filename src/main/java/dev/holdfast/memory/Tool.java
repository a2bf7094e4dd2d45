package dev.holdfast.memory;

import dev.holdfast.db.Ticket;
import dev.holdfast.identity.Caller;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * What one tool does, besides its description in {@code mcp/tools.json}.
 *
 * @param arguments the names of all that it takes
 * @param action makes its structured result, or fails as a resource of the API would
 */
record Tool(String name, Set<String> arguments, Action action) {

    Tool {
        arguments = Set.copyOf(arguments);
    }

    /** A tool's work; it may throw before it returns. */
    interface Action {
        Uni<JsonObject> run(Call call);
    }

    /**
     * One call of a tool.
     *
     * @param ticket with the tool's own deadline
     */
    record Call(Caller caller, Ticket ticket, Arguments arguments) {

        /** What the caller calls itself; its key's id where it does not say. */
        String agent() {
            return Names.name(arguments.text("agent", caller.keyId()), Names.LONGEST_AGENT, "agent");
        }
    }
}
