package dev.holdfast.admin.page;

import dev.holdfast.llmconfig.LlmConfig;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The configs that somebody wants to see, of all that there are.
 *
 * @param shown those of this page
 * @param found how many the filter lets pass
 * @param all how many there are
 * @param page from 1
 */
record ConfigList(Wish wish, List<LlmConfig> shown, int found, int all, int page) {

    static final int PER_PAGE = 25;

    private static final Map<String, Comparator<LlmConfig>> ORDERS = Map.of(
            "name", Comparator.comparing(c -> c.name().toLowerCase(Locale.ROOT)),
            "provider", Comparator.comparing(LlmConfig::provider),
            "model", Comparator.comparing(c -> c.model().toLowerCase(Locale.ROOT)),
            "priority", Comparator.comparing(LlmConfig::priority),
            "updated", Comparator.comparing(LlmConfig::updatedAt));

    /**
     * What the list is asked for.
     *
     * @param text what the name or the model contains
     * @param active {@code true}, {@code false}, or empty for both
     * @param sort one of the columns that can be sorted by
     */
    record Wish(String text, String provider, String active, String sort, boolean descending, int page) {

        static Wish of(Form query) {
            String sort = ORDERS.containsKey(query.text("sort")) ? query.text("sort") : "name";
            String page = query.text("page");
            return new Wish(
                    query.text("q"),
                    query.text("provider"),
                    query.text("active"),
                    sort,
                    query.text("dir").equals("desc"),
                    page.matches("[1-9][0-9]{0,6}") ? Integer.parseInt(page) : 1);
        }

        public boolean any() {
            return !text.isEmpty() || !provider.isEmpty() || !active.isEmpty();
        }

        private boolean lets(LlmConfig config) {
            String wanted = text.toLowerCase(Locale.ROOT);
            return (config.name().toLowerCase(Locale.ROOT).contains(wanted)
                            || config.model().toLowerCase(Locale.ROOT).contains(wanted))
                    && (provider.isEmpty() || provider.equals(config.provider()))
                    && (active.isEmpty() || active.equals(Boolean.toString(config.active())));
        }

        private Comparator<LlmConfig> order() {
            Comparator<LlmConfig> order = Objects.requireNonNull(ORDERS.get(sort), sort);
            Comparator<LlmConfig> wanted = descending ? order.reversed() : order;
            return wanted.thenComparing(LlmConfig::id);
        }
    }

    static ConfigList of(Collection<LlmConfig> all, Wish wish) {
        List<LlmConfig> found =
                all.stream().filter(wish::lets).sorted(wish.order()).toList();
        int pages = Math.max(1, (found.size() + PER_PAGE - 1) / PER_PAGE);
        int page = Math.min(wish.page, pages);
        int from = (page - 1) * PER_PAGE;
        List<LlmConfig> shown = found.subList(from, Math.min(found.size(), from + PER_PAGE));
        return new ConfigList(wish, shown, found.size(), all.size(), page);
    }

    public int pages() {
        return Math.max(1, (found + PER_PAGE - 1) / PER_PAGE);
    }

    public int previous() {
        return page - 1;
    }

    public int next() {
        return page + 1;
    }

    public String pageLink(int number) {
        return link(wish.sort, wish.descending, number);
    }

    /** The same list by another column, or the other way round. */
    public String sortLink(String column) {
        return link(column, column.equals(wish.sort) && !wish.descending, 1);
    }

    /** As {@code aria-sort} says it. */
    public String sorted(String column) {
        return !column.equals(wish.sort) ? "none" : wish.descending ? "descending" : "ascending";
    }

    private String link(String sort, boolean descending, int number) {
        return ConfigPages.PATH + "?q=" + encoded(wish.text) + "&provider=" + encoded(wish.provider) + "&active="
                + encoded(wish.active) + "&sort=" + sort + "&dir=" + (descending ? "desc" : "asc") + "&page=" + number;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
