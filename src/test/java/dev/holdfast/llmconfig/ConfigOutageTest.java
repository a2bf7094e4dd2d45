package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.PATH;
import static dev.holdfast.llmconfig.Configs.create;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.history;
import static dev.holdfast.llmconfig.Configs.newConfig;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.Configs.patch;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.testkit.ProxiedDatabase;
import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads of configs while PostgreSQL is away; reads and writes while others have taken all its connections. */
@QuarkusTest
@TestProfile(SmallPool.class)
class ConfigOutageTest {

    private static final int FLOOD = 3 * (SmallPool.SIZE + SmallPool.WAITING);

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    ProxiedDatabase database;

    enum Outage {
        REFUSED,
        SILENT
    }

    @AfterEach
    void mend() {
        database.proxy().forward();
        await().until(() -> monitor.state().state() == DatabaseState.State.OK);
        await().until(() -> create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(newName()))
                        .statusCode()
                == 200);
        await().until(() -> pool.figures().inUse() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void readsOfConfigsSurviveAnOutageAndSayHowOldTheyAre(Outage outage) {
        String name = newName();
        String id = create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(name))
                .path("id");
        String inactive = newConfig("\"is_active\":false");
        String before = get(id).asString();
        if (outage == Outage.REFUSED) {
            database.proxy().refuse();
            database.proxy().reset();
        } else {
            database.proxy().silence();
        }
        await().until(() -> monitor.state().state() == DatabaseState.State.UNREACHABLE);

        Response one = stale(get(id));
        assertThat(one.asString()).isEqualTo(before);
        one.then().header("ETag", "\"1\"");
        stale(get(inactive)).then().body("is_active", is(false));
        stale(admin().header("Cache-Control", "no-cache").get(PATH + "/" + id))
                .then()
                .body("id", is(id));
        admin().header("If-None-Match", "\"1\"")
                .get(PATH + "/" + id)
                .then()
                .statusCode(304)
                .header("Warning", startsWith("110"));
        stale(admin().get(PATH + "?limit=100")).then().body("data.id", hasItem(inactive));
        stale(api().get("/v1/models")).then().body("data.id", hasItem(name));
        stale(api().get("/v1/models/{model}", name)).then().body("id", is(name));
        api().get("/v1/models/none").then().statusCode(404);

        patch(id, "{\"priority\":1}").then().statusCode(503);
        history(id, "").then().statusCode(503);

        database.proxy().forward();
        await().until(() -> monitor.state().state() == DatabaseState.State.OK);
        await().untilAsserted(() -> get(id).then().statusCode(200).header("Warning", nullValue()));
        get(id).then().header("Age", nullValue());
        await().untilAsserted(() -> api().get("/v1/models").then().header("Warning", nullValue()));
    }

    private static Response stale(Response response) {
        response.then()
                .statusCode(200)
                .header("Age", matchesPattern("[0-9]+"))
                .header("Warning", "110 holdfast \"Response is Stale\"");
        return response;
    }

    @Test
    void aChangeThatHappensWhileAReplicaIsCutOffIsSeenWhenItIsBack() {
        String id = newConfig();
        database.proxy().refuse();
        database.proxy().reset();
        await().until(() -> monitor.state().state() == DatabaseState.State.UNREACHABLE);
        database.database().execute("UPDATE llm_configs SET model = 'else', version = 2 WHERE id = ?", id);
        stale(get(id)).then().body("model", is("gpt-4o"));

        database.proxy().forward();

        await().untilAsserted(() -> get(id).then().statusCode(200).body("model", is("else")));
    }

    @Test
    void withAllConnectionsTakenReadsOfConfigsAnswerAndTakeNone() throws Exception {
        String id = newConfig();
        try (Connection holder = database.database().connection()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("SELECT pg_advisory_xact_lock(78)");
            List<CompletableFuture<Integer>> work = IntStream.range(0, SmallPool.SIZE + SmallPool.WAITING)
                    .mapToObj(i -> pool.query(
                                    new Ticket("default", Deadline.in(Duration.ofSeconds(30))),
                                    Statement.read("test.lock", "SELECT pg_advisory_xact_lock_shared(78)"),
                                    Tuple.tuple(),
                                    rows -> rows.size())
                            .subscribeAsCompletionStage())
                    .toList();
            await().until(() -> pool.figures().waiting() == SmallPool.WAITING);
            long asked = pool.figures().asked();

            get(id).then().statusCode(200).header("Warning", nullValue());
            admin().get(PATH + "?limit=100").then().statusCode(200).header("Warning", nullValue());
            api().get("/v1/models").then().statusCode(200);
            assertThat(pool.figures().asked()).as("requests for a connection").isEqualTo(asked);

            holder.rollback();
            CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
        }
    }

    enum Write {
        CREATE,
        PATCH,
        DEFAULT,
        DELETE
    }

    /** PostgreSQL commits, and nobody gets to know: neither a second sending nor the condition on version 1 may spoil it. */
    @ParameterizedTest
    @EnumSource
    void aWriteWhoseAnswerIsLostIsDoneOnceAndAnswered(Write write) throws Exception {
        String id = newConfig();
        String name = newName();
        long before = entries();
        CompletableFuture<Response> caught;
        try (Connection holder = database.database().connection()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE llm_config_history IN SHARE MODE");
            caught = CompletableFuture.supplyAsync(() -> write(write, id, name));
            await().until(() -> blocked() == 1);
            database.proxy().silence();
            holder.rollback();
        }
        await().until(() -> entries() > before);
        database.proxy().reset();
        database.proxy().forward();

        Response answer = caught.get(40, TimeUnit.SECONDS);
        answer.then().statusCode(200);
        assertThat(entries()).as("done once").isEqualTo(before + 1);
        if (write == Write.CREATE) {
            assertThat(database.database().query("SELECT id FROM llm_configs WHERE name = ?", name))
                    .extracting(row -> row.get("id"))
                    .containsExactly(answer.<String>path("id"));
        }
    }

    private static Response write(Write write, String id, String name) {
        RequestSpecification conditional = admin().header("If-Match", "\"1\"");
        return switch (write) {
            case CREATE -> create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(name));
            case PATCH -> conditional.body("{\"priority\":3}").patch(PATH + "/" + id);
            case DEFAULT -> conditional.post(PATH + "/" + id + "/default");
            case DELETE -> conditional.delete(PATH + "/" + id);
        };
    }

    private long entries() {
        return database.database()
                .value(
                        Long.class,
                        "SELECT count(*) FROM llm_config_history WHERE NOT changes::text LIKE '%true, \"new\" : false%'");
    }

    private long blocked() {
        return database.database()
                .value(
                        Long.class,
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
    }

    @Test
    void anAdministratorsWritesGetTheirTurnWhileAProjectFloodsThePool() throws Exception {
        database.slowInserts(Duration.ofMillis(50));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        ExecutorService project = Executors.newFixedThreadPool(FLOOD);
        try {
            List<Future<?>> flood = IntStream.range(0, FLOOD)
                    .<Future<?>>mapToObj(i -> project.submit(() -> flood(over, refused)))
                    .toList();
            await().until(() -> pool.figures().waiting() == SmallPool.WAITING && refused.get() > 0);

            for (int i = 0; i < 5; i++) {
                int before = refused.get();
                String id = newConfig();
                patch(id, "{\"priority\":1}").then().statusCode(200).body("version", is(2));
                admin().header("Cache-Control", "no-cache")
                        .get(PATH + "/" + id)
                        .then()
                        .statusCode(200)
                        .header("Warning", nullValue())
                        .body("priority", is(1));
                admin().get(PATH + "?limit=100").then().statusCode(200).body("data.id", hasItem(id));
                // Whoever had only a project's share would have been turned away meanwhile.
                await().until(() -> refused.get() > before);
            }

            over.set(true);
            for (Future<?> one : flood) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
            project.shutdown();
            database.quickInserts();
        }
    }

    /** More requests at a time than the pool and its queue have room for, until it is over. */
    private static void flood(AtomicBoolean over, AtomicInteger refused) {
        while (!over.get()) {
            int status = api().body("{}").post("/v1/conversations").statusCode();
            assertThat(status).isIn(200, 429, 503);
            if (status != 200) {
                refused.incrementAndGet();
            }
        }
    }
}
