package dev.holdfast.admin.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.llmconfig.ConfigHistory;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a config, the newest first.
 *
 * @param next the version after which the list goes on; empty at its end
 * @param unread why it could not be read; empty where it was
 */
record HistoryView(List<Entry> entries, String next, String unread) {

    /** One change, field by field. */
    record Entry(long version, String action, String by, long at, List<Change> changes) {}

    /**
     * A field of it.
     *
     * @param before empty where there was nothing
     * @param after empty where there is nothing now
     */
    record Change(String field, String before, String after) {}

    static HistoryView unread(String why) {
        return new HistoryView(List.of(), "", why);
    }

    static HistoryView of(List<ConfigHistory.Entry> entries, boolean more) {
        List<Entry> shown = entries.stream().map(HistoryView::entry).toList();
        return new HistoryView(
                shown, more ? Long.toString(shown.get(shown.size() - 1).version()) : "", "");
    }

    private static Entry entry(ConfigHistory.Entry entry) {
        return new Entry(entry.version(), entry.action(), entry.by(), entry.at(), changes(entry.changes()));
    }

    private static List<Change> changes(String json) {
        List<Change> changes = new ArrayList<>();
        try {
            for (JsonNode change : Json.tree(json)) {
                String field = change.path("field").asText();
                changes.add(
                        change.has("change")
                                ? new Change(field, "", change.path("change").asText())
                                : new Change(field, text(change.path("old")), text(change.path("new"))));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A history's changes are no JSON", e);
        }
        return changes;
    }

    private static String text(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? "" : value.isTextual() ? value.asText() : value.toString();
    }
}
