package dev.holdfast.memory;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;

/** Topics as a tree, by the slashes in their names. */
final class ContextTree {

    /** So many are read at most. */
    static final int MOST_TOPICS = 10_000;

    /** Above this a caller has to want it. */
    static final int UNASKED = 50;

    private static final int MOST_NODES = 1_000;

    private final Node root = new Node();

    private static final class Node {
        private final Map<String, Node> children = new TreeMap<>();
        private long topics;
        private boolean isTopic;
    }

    /**
     * @param path a topic, or its beginning
     * @param topics how many have this beginning
     * @param isTopic whether one of them is just that
     */
    void add(String path, long topics, boolean isTopic) {
        Node node = root;
        node.topics += topics;
        for (String part : path.split("/", -1)) {
            node = node.children.computeIfAbsent(part, name -> new Node());
            node.topics += topics;
        }
        node.isTopic |= isTopic;
    }

    /** All of it, or only the top where that is more than 50 topics and {@code confirmed} is not set. */
    JsonObject json(boolean confirmed) {
        boolean whole = confirmed || root.topics <= UNASKED;
        int[] left = {whole ? MOST_NODES : UNASKED};
        JsonArray tree = json(root, "", whole ? Names.DEEPEST_TOPIC : 1, left);
        return new JsonObject()
                .put("topics", root.topics)
                .put("confirmation_needed", !whole)
                .put("truncated", left[0] < 0 || root.topics >= MOST_TOPICS)
                .put("tree", tree);
    }

    private static JsonArray json(Node parent, String prefix, int depth, int[] left) {
        JsonArray nodes = new JsonArray();
        for (Map.Entry<String, Node> child : parent.children.entrySet()) {
            if (--left[0] < 0) {
                return nodes;
            }
            Node node = child.getValue();
            String path = prefix + child.getKey();
            nodes.add(new JsonObject()
                    .put("name", child.getKey())
                    .put("path", path)
                    .put("topics", node.topics)
                    .put("is_topic", node.isTopic)
                    .put("children", depth > 1 ? json(node, path + "/", depth - 1, left) : new JsonArray()));
        }
        return nodes;
    }
}
