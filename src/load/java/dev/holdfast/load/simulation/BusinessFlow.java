package dev.holdfast.load.simulation;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.jmesPath;
import static io.gatling.javaapi.core.CoreDsl.regex;
import static io.gatling.javaapi.core.CoreDsl.substring;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import dev.holdfast.load.Plan;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One conversation from its beginning to its end: created with a question, answered and asked on three times over, then
 * read back from the newest item to the oldest, three to a page, each text where it belongs; at last an administrator makes
 * another model the default, and the user lists the models. The user thinks as a {@link Reader} does. One wrong answer
 * ends the flow.
 */
final class BusinessFlow {

    private static final int ROUNDS = 3;
    private static final int PAGE = 3;
    private static final String ITEMS = "/v1/conversations/#{conversation}/items";

    private final String adminKey;
    private final List<String> configs;

    /** @param configs ids of those to choose the default from */
    BusinessFlow(String adminKey, List<String> configs) {
        this.adminKey = adminKey;
        this.configs = configs;
    }

    ChainBuilder visit() {
        ChainBuilder flow = step(create());
        for (int round = 0; round < ROUNDS; round++) {
            flow = flow.exec(step(append("append an answer", 2 * round + 1)))
                    .exec(step(append("append a question", 2 * round + 2)));
        }
        for (int read = 0; read <= 2 * ROUNDS; read += PAGE) {
            flow = flow.exec(step(pageBack(read)));
        }
        return flow.exec(step(switchDefault())).exec(step(models()));
    }

    private static ChainBuilder step(ChainBuilder what) {
        return exec(what).exitHereIfFailed().exec(Reader.THINK);
    }

    private static ChainBuilder create() {
        return exec(session -> session.set(
                        "flow", "flow " + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE)))
                .exec(http("create a conversation")
                        .post("/v1/conversations")
                        .body(StringBody(session -> "{\"metadata\":{\"source\":\"load\"},\"items\":["
                                + Texts.user(text(session, 0)) + "]}"))
                        .check(
                                status().is(200),
                                regex("\"id\":\"(conv_[^\"]+)\"").saveAs("conversation")));
    }

    private static ChainBuilder append(String name, int position) {
        return exec(http(name)
                .post(ITEMS)
                .body(StringBody(session -> "{\"items\":["
                        + (position % 2 == 0
                                ? Texts.user(text(session, position))
                                : Texts.assistant(text(session, position)))
                        + "]}"))
                .check(status().is(200), jmesPath("data[0].content[0].text").is(session -> text(session, position))));
    }

    /** @param read how many of the newest items have been read before */
    private static ChainBuilder pageBack(int read) {
        String after = read == 0 ? "" : "&after=#{last}";
        return exec(http("page back")
                .get(ITEMS + "?limit=" + PAGE + after)
                .check(
                        status().is(200),
                        jmesPath("data[*].content[0].text").ofList().is(session -> texts(session, read)),
                        jmesPath("has_more").ofBoolean().is(read + PAGE <= 2 * ROUNDS),
                        jmesPath("last_id").saveAs("last")));
    }

    private static List<Object> texts(Session session, int read) {
        List<Object> texts = new ArrayList<>();
        for (int position = 2 * ROUNDS - read; position >= 0 && texts.size() < PAGE; position--) {
            texts.add(text(session, position));
        }
        return texts;
    }

    private static String text(Session session, int position) {
        return session.getString("flow") + ", item " + position;
    }

    private ChainBuilder switchDefault() {
        return exec(http("switch the default")
                .post(session -> "/admin/llm-configs/"
                        + configs.get(ThreadLocalRandom.current().nextInt(configs.size())) + "/default")
                .header("Authorization", "Bearer " + adminKey)
                .check(status().is(200), jmesPath("is_default").ofBoolean().is(true)));
    }

    private static ChainBuilder models() {
        return exec(http("list the models")
                .get("/v1/models")
                .check(
                        status().is(200),
                        substring("\"" + Plan.CONFIG_NAMES.get(0) + "\""),
                        substring("\"" + Plan.CONFIG_NAMES.get(1) + "\"")));
    }
}
