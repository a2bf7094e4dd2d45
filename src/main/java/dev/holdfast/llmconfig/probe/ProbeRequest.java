package dev.holdfast.llmconfig.probe;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request for a provider's list of models. A key only ever goes into a header: URLs end up in logs.
 *
 * @param host in brackets, where it is an IPv6 address
 * @param target path and query
 */
record ProbeRequest(boolean ssl, String host, int port, String target, Map<String, String> headers) {

    private static final int HIGHEST_PORT = 65_535;
    private static final String AZURE_VERSION = "api-version=2024-10-21";
    private static final String ANTHROPIC_VERSION = "2023-06-01";

    /** @throws IllegalArgumentException whose message tells an administrator what is wrong, without the URL and the key */
    static ProbeRequest of(ProbeTarget target) {
        URI base = parse(target.baseUrl());
        boolean ssl = "https".equalsIgnoreCase(base.getScheme());
        if (!ssl && !"http".equalsIgnoreCase(base.getScheme())) {
            throw new IllegalArgumentException("base_url must begin with https:// or http://.");
        }
        if (base.getHost() == null || base.getRawUserInfo() != null || base.getPort() > HIGHEST_PORT) {
            throw new IllegalArgumentException("base_url must have a host, no user information, and a possible port.");
        }
        int port = base.getPort() > 0 ? base.getPort() : ssl ? 443 : 80;
        String path = base.getRawPath().replaceAll("/+$", "");
        String query = base.getRawQuery();
        String list = list(target.provider(), path, query);
        return new ProbeRequest(ssl, base.getHost(), port, list, headers(target.provider(), target.apiKey()));
    }

    private static URI parse(String url) {
        try {
            return new URI(url.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("base_url is not a URL.");
        }
    }

    private static String list(String provider, String path, @Nullable String query) {
        return switch (provider) {
            case "anthropic" -> with(query, versioned(path, "/v1") + "/models");
            case "google" -> with(query, versioned(path, "/v1beta") + "/models");
            case "ollama" -> with(query, path.replaceFirst("/(v1|api)$", "") + "/api/tags");
            case "azure-openai" -> azure(path, query);
            default -> with(query, path + "/models");
        };
    }

    /** Azure has its own paths, and those of OpenAI under {@code /openai/v1}. */
    private static String azure(String path, @Nullable String query) {
        if (path.endsWith("/openai/v1")) {
            return with(query, path + "/models");
        }
        String list = (path.endsWith("/openai") ? path : path + "/openai") + "/models";
        return query != null && query.contains("api-version=")
                ? with(query, list)
                : with(query == null ? AZURE_VERSION : query + "&" + AZURE_VERSION, list);
    }

    /** Clients of some providers add the version, and some people have added it already. */
    private static String versioned(String path, String version) {
        return path.matches(".*/v[0-9][a-z0-9]*") ? path : path + version;
    }

    private static String with(@Nullable String query, String path) {
        return query == null ? path : path + "?" + query;
    }

    private static Map<String, String> headers(String provider, @Nullable String key) {
        if (key == null) {
            return provider.equals("anthropic") ? Map.of("anthropic-version", ANTHROPIC_VERSION) : Map.of();
        }
        if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("The API key has characters that cannot be sent in a header.");
        }
        return switch (provider) {
            case "anthropic" -> Map.of("x-api-key", key, "anthropic-version", ANTHROPIC_VERSION);
            case "google" -> Map.of("x-goog-api-key", key);
            case "azure-openai" -> Map.of("api-key", key);
            default -> Map.of("Authorization", "Bearer " + key);
        };
    }

    /** A record that holds a secret must not print it. */
    @Override
    public String toString() {
        return "ProbeRequest[" + host + ":" + port + "]";
    }
}
