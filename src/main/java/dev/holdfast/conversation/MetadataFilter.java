package dev.holdfast.conversation;

import dev.holdfast.http.Metadata;
import dev.holdfast.problem.Problem;
import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The query parameters {@code metadata[key]=value}: a conversation is listed if it has all these pairs. */
final class MetadataFilter {

    private static final String PREFIX = "metadata[";

    /** Each combination of that many has an entry in an index. */
    private static final int MOST = 2;

    private MetadataFilter() {}

    /**
     * @throws Problem 400 for a pair that no conversation can have, for a key that comes twice, and for more than two pairs
     */
    static Map<String, String> of(MultiMap query) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (Map.Entry<String, String> parameter : query) {
            String name = parameter.getKey();
            if (!name.startsWith("metadata")) {
                continue;
            }
            if (!name.startsWith(PREFIX) || !name.endsWith("]")) {
                throw Problem.invalid("A filter by metadata is written metadata[key]=value.", "metadata");
            }
            String key = name.substring(PREFIX.length(), name.length() - 1);
            if (pairs.put(key, parameter.getValue()) != null) {
                throw Problem.invalid("A key of metadata can be filtered by once.", "metadata");
            }
        }
        if (pairs.size() > MOST) {
            throw Problem.invalid("A list can be filtered by at most " + MOST + " pairs of metadata.", "metadata");
        }
        return new Metadata(pairs).pairs();
    }
}
