package dev.holdfast.identity;

import dev.holdfast.http.FilterOrder;
import dev.holdfast.http.Intake;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lets a request through only if its path is open or its key fits the path; everything that is not listed is refused. */
@ApplicationScoped
class Authentication {

    static final String KEY = Principal.class.getName();
    private static final String PROJECT_HEADER = "X-Holdfast-Project";
    private static final String SCHEME = "Bearer ";

    /** No project can have this name: bodies of requests of which it is not known yet who sent them. */
    private static final String SIGNED_SHARE = "(signed)";

    /** Nobody tries out enough keys of this length to find one, even if they are only hexadecimal digits. */
    static final int UNGUESSABLE = 32;

    private final KeyRing keys;
    private final FailedAttempts failures;
    private final boolean devMode;

    @Inject
    Authentication(KeyRing keys, FailedAttempts failures) {
        this(keys, failures, LaunchMode.current() == LaunchMode.DEVELOPMENT);
    }

    /** @param devMode whether Quarkus' own pages under {@code /q} are open */
    Authentication(KeyRing keys, FailedAttempts failures, boolean devMode) {
        this.keys = keys;
        this.failures = failures;
        this.devMode = devMode;
    }

    void install(@Observes Filters filters, AdminSessions sessions) {
        filters.register(
                ctx -> {
                    String path = path(ctx);
                    if (isSigned(ctx, path)) {
                        Intake.countFor(ctx, SIGNED_SHARE);
                        ctx.next();
                        return;
                    }
                    boolean page = sessions.isPage(path);
                    if (page && !sessions.admits(ctx, path)) {
                        return;
                    }
                    Principal principal = page
                            ? sessions.principal(ctx)
                            : admit(
                                    path,
                                    ctx.request().getHeader(HttpHeaders.AUTHORIZATION),
                                    ctx.request().getHeader(PROJECT_HEADER),
                                    address(ctx));
                    ctx.put(KEY, principal);
                    if (principal != null) {
                        Intake.countFor(ctx, principal.project());
                    }
                    ctx.next();
                },
                FilterOrder.AUTHENTICATION);
    }

    /**
     * Whether a request brings a signature instead of a key, where that is possible. It goes on as nobody's, and the inbox says
     * whose it is once it has checked the signature.
     */
    private static boolean isSigned(RoutingContext ctx, String path) {
        return Scope.of(path) == Scope.INBOX
                && !ctx.request().headers().contains(HttpHeaders.AUTHORIZATION)
                && ctx.request().headers().contains(Caller.SIGNATURE_HEADER);
    }

    /** Behind a proxy that Quarkus is told to trust, the client's as the proxy names it, which need not be numbers. */
    static String address(RoutingContext ctx) {
        SocketAddress remote = ctx.request().remoteAddress();
        String numbers = remote.hostAddress();
        return numbers == null ? String.valueOf(remote.host()) : numbers;
    }

    /** The path as it is routed by: without dot segments and needless escapes, so that no spelling evades its rule. */
    private static String path(RoutingContext ctx) {
        try {
            return ctx.normalizedPath();
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("The path has a malformed percent escape.", null);
        }
    }

    /**
     * Who asks, or null where nobody needs to be known.
     *
     * @param authorization the header's value, or null
     * @param project the header's value, or null
     * @param address the client's
     * @throws Problem that refuses the request
     */
    @Nullable
    Principal admit(String path, @Nullable String authorization, @Nullable String project, String address) {
        Scope scope = Scope.of(path);
        if (scope != null) {
            Principal principal = authenticated(authorization, address);
            if (!principal.scopes().contains(scope)) {
                throw Problem.forbidden("This key's scopes do not include '" + scope.text() + "'.");
            }
            return inProject(principal, project);
        }
        if (Scope.isUnder(path, "/admin")) {
            Principal principal = authenticated(authorization, address);
            if (!principal.admin()) {
                throw Problem.forbidden("This path needs an admin key; the key is a project's.");
            }
            return principal;
        }
        if (path.equals("/healthz") || path.equals("/health") || devMode && Scope.isUnder(path, "/q")) {
            return null;
        }
        throw Problem.notFound("There is nothing at this path.");
    }

    private Principal authenticated(@Nullable String authorization, String address) {
        if (authorization == null) {
            throw Problem.unauthenticated("An API key is needed: Authorization: Bearer <key>.");
        }
        String key = authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? authorization.substring(SCHEME.length()).strip()
                : "";
        if (key.isEmpty()) {
            throw Problem.unauthenticated("The Authorization header must be: Bearer <key>.");
        }
        return known(key, address);
    }

    /**
     * Whose key this is.
     *
     * @throws Problem 401 if nobody has it, 429 if too many from this address were wrong
     */
    Principal known(String key, String address) {
        if (key.length() < UNGUESSABLE) {
            refuse(failures.blocked(address));
        }
        Principal principal = keys.find(key);
        if (principal == null) {
            refuse(failures.add(address));
            throw Problem.unauthenticated("This API key is unknown or was revoked.");
        }
        return principal;
    }

    private static void refuse(@Nullable Duration wait) {
        if (wait != null) {
            throw Problem.tooManyFailedAttempts(wait);
        }
    }

    private Principal inProject(Principal principal, @Nullable String project) {
        if (project == null || project.equals(principal.project())) {
            return principal;
        }
        if (!principal.admin()) {
            throw Problem.forbidden("This key belongs to another project than " + PROJECT_HEADER + " names.");
        }
        if (!keys.hasProject(project)) {
            throw new Problem(ErrorCode.NOT_FOUND, "There is no such project.", PROJECT_HEADER, null);
        }
        return principal.in(project);
    }
}
