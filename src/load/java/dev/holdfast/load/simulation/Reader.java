package dev.holdfast.load.simulation;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.percent;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;
import static io.gatling.javaapi.core.CoreDsl.regex;
import static io.gatling.javaapi.core.CoreDsl.substring;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import java.time.Duration;

/**
 * A person at a chat application: has one connection, opens a conversation that is twenty items long, and then does one
 * thing after another, with half a second to one and a half of thinking in between. So 500 users are 500 connections and
 * about 500 requests a second, and not 500 requests at the same time.
 *
 * <p>Of a hundred requests 35 read the newest page, 10 an older one, 25 append, 15 get the conversation, 5 create one and
 * 10 list the models.
 */
final class Reader {

    static final ChainBuilder THINK = pause(Duration.ofMillis(500), Duration.ofMillis(1500));

    private static final int OPENING_ITEMS = 20;
    private static final String ITEMS = "/v1/conversations/#{conversation}/items";

    private Reader() {}

    /** @param stay how long one goes on; the answers that are under way then are waited for */
    static ChainBuilder visit(Duration stay) {
        return exec(create("open", OPENING_ITEMS))
                .exitHereIfFailed()
                .exec(THINK)
                .exec(during(stay)
                        .on(exec(randomSwitch()
                                        .on(
                                                percent(35).then(exec(newestPage())),
                                                percent(10)
                                                        .then(exec(newestPage()).exec(olderPage())),
                                                percent(25).then(append()),
                                                percent(15).then(get()),
                                                percent(5).then(exec(create("create", 2))),
                                                percent(10).then(models())))
                                .exec(THINK)));
    }

    /** Keeps the id of the first conversation: the others are begun and left. */
    private static ChainBuilder create(String name, int items) {
        return exec(http(name)
                .post("/v1/conversations")
                .body(StringBody(session -> "{\"metadata\":{\"source\":\"load\"}," + Texts.items(items) + "}"))
                .check(
                        status().is(200),
                        regex("\"id\":\"(conv_[^\"]+)\"").saveAs(items == OPENING_ITEMS ? "conversation" : "left")));
    }

    private static ChainBuilder newestPage() {
        return exec(http("page")
                .get(ITEMS + "?limit=20")
                .check(status().is(200), regex("\"last_id\":\"([^\"]+)\"").saveAs("last")));
    }

    private static ChainBuilder olderPage() {
        return exec(http("older page")
                .get(ITEMS + "?limit=20&after=#{last}")
                .check(status().is(200), substring("\"has_more\"")));
    }

    private static ChainBuilder append() {
        return exec(http("append")
                .post(ITEMS)
                .body(StringBody(session -> "{" + Texts.items(1) + "}"))
                .check(status().is(200), substring("\"completed\"")));
    }

    private static ChainBuilder get() {
        return exec(http("get")
                .get("/v1/conversations/#{conversation}")
                .check(status().is(200), substring("#{conversation}")));
    }

    private static ChainBuilder models() {
        return exec(http("models").get("/v1/models").check(status().is(200), substring("\"list\"")));
    }
}
