package dev.holdfast.cli.verify;

/**
 * How many replicas a rolling update starts before it stops old ones, as Kubernetes' {@code maxSurge} says it.
 *
 * @param percent whether {@code amount} is a share of the replicas, in percent, rounded up
 */
record Surge(int amount, boolean percent) {

    /** Kubernetes' default. */
    static final String DEFAULT = "25%";

    /** @throws IllegalArgumentException if it is neither a number nor a percentage */
    static Surge parse(String text) {
        if (!text.matches("[0-9]{1,4}%?")) {
            throw new IllegalArgumentException("neither a number nor a percentage, such as 1 or 25%");
        }
        boolean percent = text.endsWith("%");
        return new Surge(Integer.parseInt(percent ? text.substring(0, text.length() - 1) : text), percent);
    }

    int of(int replicas) {
        return percent ? (int) (((long) replicas * amount + 99) / 100) : amount;
    }
}
