package dev.holdfast.cli.verify;

import dev.holdfast.cli.verify.Catalogue.Known;
import java.time.Duration;

/** Bare numbers that look like milliseconds, as other pools count them. */
final class UnitsCheck implements Check {

    private static final int SUSPICIOUS = 1000;

    @Override
    public String name() {
        return "units";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        for (Known known : subject.settings().catalogue().settings()) {
            String text = subject.settings().text(known.setting()).orElse("").strip();
            if (known.type() == Duration.class && text.matches("[0-9]{4,9}") && Integer.parseInt(text) >= SUSPICIOUS) {
                findings.warning(
                        subject.key(known.setting()),
                        "is " + text + " seconds, because a bare number is seconds",
                        "write " + text + "ms if milliseconds were meant, else " + text + "s");
            }
        }
    }
}
