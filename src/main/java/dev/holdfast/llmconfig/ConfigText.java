package dev.holdfast.llmconfig;

import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What the texts of a config may look like; each method gives its argument back, or 400 with the field's name. */
final class ConfigText {

    private static final int LONGEST_MODEL = 256;
    private static final int LONGEST_URL = 2048;
    private static final int LONGEST_KEY = 4096;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9 ._:@+/(),-]{0,126}[A-Za-z0-9.)])?");

    private ConfigText() {}

    /** What reads the same in a URL, escaped or not, and can't be taken for a step of a path. */
    static String name(String name) {
        boolean good = NAME.matcher(name).matches()
                && Arrays.stream(name.split("/", -1))
                        .noneMatch(step -> step.isEmpty() || step.equals(".") || step.equals(".."));
        if (!good) {
            throw Problem.invalid(
                    "'name' must be 1 to 128 of A-Z a-z 0-9, space and . _ : @ + / ( ) , - without '//', beginning with a"
                            + " letter or digit and ending with one, '.' or ')'.",
                    "name");
        }
        return name;
    }

    static String provider(String provider) {
        if (Provider.of(provider).isEmpty()) {
            throw Problem.invalid("'provider' must be one of " + Provider.ALL + ".", "provider");
        }
        return provider;
    }

    static String model(String model) {
        boolean good = !model.isBlank()
                && PlainText.length(model) <= LONGEST_MODEL
                && PlainText.isStorable(model)
                && model.chars().noneMatch(Character::isISOControl);
        if (!good) {
            throw Problem.invalid(
                    "'model' must be 1 to " + LONGEST_MODEL + " characters without control characters.", "model");
        }
        return model;
    }

    /** Paths get appended to it, and everybody who may read configs sees it: so no query, fragment or password. */
    static String baseUrl(String url) {
        if (url.length() > LONGEST_URL || !isBase(url)) {
            throw Problem.invalid(
                    "'base_url' must be an absolute http or https URL of at most " + LONGEST_URL
                            + " characters, without user, query and fragment.",
                    "base_url");
        }
        return url;
    }

    private static boolean isBase(String url) {
        try {
            URI uri = new URI(url).parseServerAuthority();
            return ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() <= 65_535
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && url.chars().allMatch(c -> c > ' ' && c < 0x7f);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** It goes into a header: one line of visible ASCII. */
    static String apiKey(String key) {
        if (key.isEmpty() || key.length() > LONGEST_KEY || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw Problem.invalid("'api_key' must be 1 to " + LONGEST_KEY + " visible ASCII characters.", "api_key");
        }
        return key;
    }
}
