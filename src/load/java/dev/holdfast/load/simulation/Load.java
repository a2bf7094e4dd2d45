package dev.holdfast.load.simulation;

import static io.gatling.javaapi.core.CoreDsl.constantConcurrentUsers;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.rampConcurrentUsers;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;

import dev.holdfast.load.Plan;
import dev.holdfast.load.Scenario;
import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.util.List;

/**
 * Any of the scenarios: who comes when, and what has to be true of the answers. In the closed scenarios whoever leaves is
 * replaced, so that connections are opened all the time; in a spike each stays for the whole of it.
 */
public final class Load extends Simulation {

    private static final int P95_MILLIS = 400;
    private static final double MOST_FAILED_PERCENT = 1;

    private final Plan plan = Plan.fromProperties();

    public Load() {
        HttpProtocolBuilder protocol = http.baseUrl(plan.target())
                .authorizationHeader("Bearer " + System.getenv(Plan.API_KEY))
                .contentTypeHeader("application/json")
                .acceptHeader("application/json")
                .userAgentHeader("holdfast-load")
                .disableCaching();
        SetUp all = setUp(population()).protocols(protocol);
        if (!plan.warmUp()) {
            all.assertions(assertions());
        }
    }

    @Override
    public void before() {
        System.out.println(Plan.BEGUN);
    }

    private PopulationBuilder population() {
        ScenarioBuilder users = scenario(plan.scenario().text()).exec(visit());
        if (plan.scenario() == Scenario.SPIKE && !plan.warmUp()) {
            return users.injectOpen(rampUsers(plan.users()).during(Plan.SPIKE_EDGE));
        }
        return users.injectClosed(
                rampConcurrentUsers(0).to(plan.users()).during(plan.ramp()),
                constantConcurrentUsers(plan.users()).during(plan.duration()));
    }

    private ChainBuilder visit() {
        if (plan.scenario() == Scenario.BUSINESS) {
            return new BusinessFlow(System.getenv(Plan.ADMIN_KEY), plan.configs()).visit();
        }
        return Reader.visit(plan.visit());
    }

    private List<Assertion> assertions() {
        if (plan.scenario() == Scenario.BUSINESS || plan.scenario() == Scenario.IDLE) {
            return List.of(
                    global().failedRequests().count().is(0L),
                    global().responseTime().percentile(95).lt(P95_MILLIS));
        }
        return List.of(
                global().failedRequests().percent().lt(MOST_FAILED_PERCENT),
                global().responseTime().percentile(95).lt(P95_MILLIS));
    }
}
