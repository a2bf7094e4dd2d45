package dev.holdfast.db;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A setting whose value makes no sense.
 *
 * @param name the setting's name, followed by its environment name in parentheses if it has one of its own
 * @param why to be said after the name; without the value, which might be a secret in the wrong place
 */
public record BadSetting(String name, String why) {

    /** The setting's name alone. */
    public String setting() {
        return name.split(" ", 2)[0];
    }

    /** As start-up says it. */
    public String text() {
        return name + " " + why;
    }

    /** Finds what is out of range; all of it, so that everything can be mended at once. */
    public static final class Finder {

        private final List<BadSetting> found = new ArrayList<>();

        /** @param why what it must be, to be said after the name */
        public Finder check(boolean good, String name, String why) {
            if (!good) {
                found.add(new BadSetting(name, why));
            }
            return this;
        }

        public Finder atLeast(long least, long value, String name) {
            return check(value >= least, name, "must be at least " + least + ".");
        }

        /** @param shortest how {@code least} is to be said */
        public Finder atLeast(Duration least, String shortest, Duration value, String name) {
            return check(value.compareTo(least) >= 0, name, "must be at least " + shortest + ".");
        }

        public List<BadSetting> found() {
            return List.copyOf(found);
        }

        /** @throws IllegalArgumentException with the first */
        public void refuse() {
            if (!found.isEmpty()) {
                throw new IllegalArgumentException(found.get(0).text());
            }
        }
    }
}
