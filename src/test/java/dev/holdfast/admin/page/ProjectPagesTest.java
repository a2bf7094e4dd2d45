package dev.holdfast.admin.page;

import static dev.holdfast.admin.page.Browserless.session;
import static dev.holdfast.testkit.Api.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class ProjectPagesTest {

    private static final String PROJECTS = "/admin/page/projects";
    private static final Pattern KEY = Pattern.compile("value=\"(hf_[A-Za-z0-9_-]{43})\"");

    private final String project = "page-" + UUID.randomUUID();
    private String session;

    @BeforeEach
    void make() {
        session = session();
        Browserless.with(session)
                .formParam("id", project)
                .formParam("name", "A <b>bold</b> project")
                .post(PROJECTS)
                .then()
                .statusCode(303)
                .header("Location", containsString(PROJECTS + "/" + project));
    }

    @Test
    void aNameIsTextAndNoMarkup() {
        Browserless.with(session)
                .get(PROJECTS + "?after=" + project.substring(0, project.length() - 1))
                .then()
                .statusCode(200)
                .body(containsString("A &lt;b&gt;bold&lt;/b&gt; project"), not(containsString("<b>bold")));
    }

    @ParameterizedTest
    @CsvSource({"'', x, name, 400", "UPPER, x, id, 400", "taken, x, id, 409", "'', '', name, 400"})
    void whatIsWrongWithAProjectIsSaidBesideItsField(String id, String name, String field, int status) {
        if (field.equals("name") && !name.isEmpty()) {
            name = "\u0007";
        }
        assertThat(Browserless.with(session)
                        .formParam("id", id.equals("taken") ? project : id)
                        .formParam("name", name)
                        .post(PROJECTS)
                        .then()
                        .statusCode(status)
                        .extract()
                        .asString())
                .containsPattern("id=\"" + field + "-error\"[^>]*>[^<]+</p>");
    }

    @Test
    void aKeyIsShownOnceWorksAndIsRevoked() {
        String html = Browserless.with(session)
                .formParam("name", "ci")
                .formParam("scopes", "models")
                .formParam("expires_at", "2099-12-31")
                .post(PROJECTS + "/" + project + "/keys")
                .then()
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .extract()
                .asString();
        Matcher shown = KEY.matcher(html);
        assertThat(shown.find()).isTrue();
        String key = shown.group(1);
        with(key).get("/v1/models").then().statusCode(200);
        with(key).get("/v1/conversations").then().statusCode(403);

        String list = Browserless.with(session).get(PROJECTS + "/" + project).asString();
        assertThat(list).contains("ci", "2100-01-01 00:00 UTC", ">models<").doesNotContain(key);
        Matcher id = Pattern.compile("keys/(key_[0-9a-f]+)/revoke").matcher(list);
        assertThat(id.find()).isTrue();
        Browserless.with(session)
                .post(PROJECTS + "/" + project + "/keys/" + id.group(1) + "/revoke")
                .then()
                .statusCode(303);
        with(key).get("/v1/models").then().statusCode(401);
        Browserless.with(session)
                .get(PROJECTS + "/" + project)
                .then()
                .body(containsString("revoked"), not(containsString("/revoke\"")));
    }

    @ParameterizedTest
    @CsvSource({"expires_at, yesterday", "expires_at, 2001-01-01", "scopes, everything"})
    void whatIsWrongWithAKeyIsSaid(String field, String value) {
        Browserless.with(session)
                .formParam(field, value)
                .post(PROJECTS + "/" + project + "/keys")
                .then()
                .statusCode(400)
                .body(containsString("class=\"error\""), not(containsString("value=\"hf_")));
    }

    @Test
    void whatIsNotThereIsAPageToo() {
        Browserless.with(session)
                .get(PROJECTS + "/no-such-project")
                .then()
                .statusCode(404)
                .contentType("text/html")
                .body(containsString("There is no such project."));
        Browserless.with(session)
                .post(PROJECTS + "/" + project + "/keys/key_no/revoke")
                .then()
                .statusCode(404)
                .body(containsString("There is no such key."));
    }
}
