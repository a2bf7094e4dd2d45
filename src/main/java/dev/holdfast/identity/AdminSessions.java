package dev.holdfast.identity;

import dev.holdfast.db.BadSetting;
import dev.holdfast.http.UnreadBody;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is logged in to the admin page. The cookie is sent to the page's own paths alone, and is good for nothing else: the
 * API never looks at it. What changes something must come from a page of this origin, as the browser itself says.
 */
@ApplicationScoped
public class AdminSessions {

    /** Under which the page is. */
    public static final String PATH = "/admin/page";

    /** Where to log in. */
    public static final String LOGIN = PATH + "/login";

    static final String COOKIE = "holdfast_admin";
    private static final String SESSION = Session.class.getName();
    private static final Duration SHORTEST = Duration.ofMinutes(1);

    /** However busy: an administrator shows the key again after so long. */
    private static final Duration LONGEST = Duration.ofHours(12);

    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    private final Authentication authentication;
    private final Logouts logouts;
    private final boolean enabled;
    private final Duration idle;
    private final InstantSource clock;
    private final @Nullable SessionSeal seal;

    @Inject
    AdminSessions(IdentityConfig config, Authentication authentication, Logouts logouts) {
        this(config, authentication, logouts, InstantSource.system());
    }

    AdminSessions(IdentityConfig config, Authentication authentication, Logouts logouts, InstantSource clock) {
        this.authentication = authentication;
        this.logouts = logouts;
        this.enabled = config.adminPage().enabled();
        this.idle = config.adminPage().session();
        this.clock = clock;
        this.seal = config.adminKey()
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .map(SessionSeal::of)
                .orElse(null);
    }

    static BadSetting.Finder outOfRange(BadSetting.Finder finder, Duration session) {
        return finder.check(
                session.compareTo(SHORTEST) >= 0 && session.compareTo(LONGEST) <= 0,
                "holdfast.admin-page.session",
                "must be from 1 minute to 12 hours.");
    }

    /** Whether there is a page. */
    public boolean enabled() {
        return enabled;
    }

    /** Whether anybody can log in: there is an admin key. */
    public boolean possible() {
        return seal != null;
    }

    /** Whether this path is the page's, which sessions let in and keys don't. */
    boolean isPage(String path) {
        return enabled && (path.equals("/admin/") || Scope.isUnder(path, PATH));
    }

    /**
     * Whether the request may go on; if not, it has been answered with the way to the log-in.
     *
     * @throws Problem 403 if it would change something, and does not come from a page of this origin
     */
    boolean admits(RoutingContext ctx, String path) {
        HttpServerRequest request = ctx.request();
        if (!SAFE.contains(request.method()) && !isOfThisOrigin(request)) {
            throw Problem.forbidden("What changes something here must be sent by a page of this address.");
        }
        Cookie cookie = request.getCookie(COOKIE);
        ctx.put(SESSION, cookie == null ? null : session(cookie.getValue()));
        if (isOpen(path) || ctx.get(SESSION) != null) {
            return true;
        }
        boolean part = request.headers().contains("HX-Request");
        UnreadBody.discard(ctx);
        ctx.response()
                .setStatusCode(part ? 401 : 303)
                .putHeader(part ? "HX-Redirect" : HttpHeaders.LOCATION.toString(), LOGIN)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end();
        return false;
    }

    /** Null for those who are not logged in, on the paths that are open to them. */
    @Nullable
    Principal principal(RoutingContext ctx) {
        return ctx.get(SESSION) == null ? null : Principal.ADMINISTRATOR;
    }

    private static boolean isOpen(String path) {
        return path.equals("/admin/") || path.equals(LOGIN) || Scope.isUnder(path, PATH + "/assets");
    }

    /** By what a browser says of the request, which no page can change; older ones say only where it came from. */
    private static boolean isOfThisOrigin(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return site.equals("same-origin");
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        try {
            return origin != null
                    && request.authority() != null
                    && request.authority().toString().equalsIgnoreCase(new URI(origin).getRawAuthority());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private @Nullable Session session(String sealed) {
        Session session = seal == null ? null : seal.open(sealed);
        boolean good = session != null && session.isAt(clock.instant()) && !logouts.has(session.id());
        return good ? session : null;
    }

    /** Whether this request comes from somebody who is logged in. */
    public boolean isOpen(RoutingContext ctx) {
        return ctx.get(SESSION) != null;
    }

    /**
     * Logs in.
     *
     * @throws Problem 401 if nobody has the key, 403 if it is a project's, 429 if too many from this address were wrong
     */
    public void open(RoutingContext ctx, String key) {
        if (!authentication.known(key, Authentication.address(ctx)).admin()) {
            throw Problem.forbidden("This is a project's key; the page needs an admin key.");
        }
        Instant now = clock.instant();
        set(ctx, Session.begin(now, now.plus(idle)));
    }

    /** Has the session last longer, because somebody uses it. */
    public void renew(RoutingContext ctx) {
        Session session = Objects.requireNonNull(ctx.<Session>get(SESSION), "nobody is logged in");
        Instant now = clock.instant();
        Instant latest = session.since().plus(LONGEST);
        Instant until = now.plus(idle).isBefore(latest) ? now.plus(idle) : latest;
        set(ctx, session.until(until));
    }

    /**
     * Logs out: here at once, on the other replicas as soon as PostgreSQL tells them.
     *
     * @return fails if PostgreSQL could not be told; the session has ended in this browser and on this replica even so
     */
    public Uni<Void> close(RoutingContext ctx) {
        Session session = Objects.requireNonNull(ctx.<Session>get(SESSION), "nobody is logged in");
        ctx.response().addCookie(cookie(ctx, "").setMaxAge(0));
        return logouts.add(
                Caller.of(ctx).ticket(), session.id(), session.since().plus(LONGEST));
    }

    private void set(RoutingContext ctx, Session session) {
        ctx.response()
                .addCookie(cookie(
                        ctx, Objects.requireNonNull(seal, "nobody can log in").seal(session)));
    }

    private static Cookie cookie(RoutingContext ctx, String value) {
        return Cookie.cookie(COOKIE, value)
                .setPath(PATH)
                .setHttpOnly(true)
                .setSecure("https".equals(ctx.request().scheme()))
                .setSameSite(CookieSameSite.STRICT);
    }
}
