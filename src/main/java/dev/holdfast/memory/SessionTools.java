package dev.holdfast.memory;

import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;

/** The tools that begin and end an agent's work. */
@ApplicationScoped
class SessionTools {

    static final int LONGEST_SUMMARY = 8_000;

    private final SessionRepository sessions;

    SessionTools(SessionRepository sessions) {
        this.sessions = sessions;
    }

    List<Tool> all() {
        return List.of(
                new Tool("wake_up", Set.of("project", "agent"), this::wakeUp),
                new Tool("sleep", Set.of("summary", "agent"), this::sleep),
                new Tool("get_last_handover", Set.of("agent"), this::lastHandover));
    }

    private Uni<JsonObject> wakeUp(Tool.Call call) {
        String project = call.caller().project();
        if (!call.arguments().text("project", project).equals(project)) {
            throw Problem.forbidden("This key's project is '" + project + "'; it can't wake up in another.");
        }
        return sessions.wakeUp(call.ticket(), call.agent()).map(awake -> WakeUpAnswer.of(project, awake));
    }

    private Uni<JsonObject> sleep(Tool.Call call) {
        String summary = call.arguments().text("summary");
        if (summary.isBlank() || PlainText.length(summary) > LONGEST_SUMMARY || !PlainText.isStorable(summary)) {
            throw call.arguments().bad("summary", "must be 1 to 8000 characters, not all blank, without U+0000");
        }
        return sessions.sleep(call.ticket(), call.agent(), summary);
    }

    private Uni<JsonObject> lastHandover(Tool.Call call) {
        String agent = call.arguments().optionalText("agent");
        return sessions.handover(call.ticket(), agent == null ? null : call.agent())
                .map(handover -> new JsonObject().put("handover", handover));
    }
}
