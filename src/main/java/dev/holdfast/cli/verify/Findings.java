package dev.holdfast.cli.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Where checks leave what they find. */
final class Findings {

    private final List<Finding> found = new ArrayList<>();
    private String check = "";

    /** What is left from now on is this check's. */
    Findings of(String check) {
        this.check = check;
        return this;
    }

    void error(String key, String why, String mend) {
        add(Severity.ERROR, key, why, mend);
    }

    void warning(String key, String why, String mend) {
        add(Severity.WARNING, key, why, mend);
    }

    void info(String key, String why, String mend) {
        add(Severity.INFO, key, why, mend);
    }

    void info(String key, String why) {
        add(Severity.INFO, key, why, "");
    }

    void add(Severity severity, String key, String why, String mend) {
        found.add(new Finding(check, key, severity, why, mend));
    }

    /** The worst first, otherwise in the order in which they were found. */
    List<Finding> sorted() {
        return found.stream().sorted(Comparator.comparing(Finding::severity)).toList();
    }

    long count(Severity severity) {
        return found.stream().filter(f -> f.severity() == severity).count();
    }
}
