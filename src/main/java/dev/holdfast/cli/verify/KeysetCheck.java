package dev.holdfast.cli.verify;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.SealingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The keyset that providers' keys are sealed with: whether it is there, and is one. */
final class KeysetCheck implements Check {

    private static final String TEXT = "holdfast.keyset";
    private static final String FILE = "holdfast.keyset-file";

    @Override
    public String name() {
        return "keyset";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        SealingSettings settings = subject.settings().mapping(SealingSettings.class);
        if (settings.keysetFile().isPresent()) {
            file(subject, settings.keysetFile().get(), findings);
        } else if (settings.keyset().isPresent()) {
            keyset(subject.key(TEXT), settings.keyset().get(), findings);
        } else {
            findings.add(
                    subject.options().production() ? Severity.ERROR : Severity.INFO,
                    subject.key(FILE),
                    "is not set, nor is HOLDFAST_KEYSET, so that no provider's key can be stored",
                    "give it a file that keyset --create has made");
        }
    }

    private static void file(Subject subject, String file, Findings findings) {
        String key = subject.key(FILE);
        try {
            keyset(key, Files.readString(Path.of(file)), findings);
        } catch (IOException | InvalidPathException e) {
            if (subject.settings().elsewhere()) {
                findings.info(key, "names " + file + ", which is not here to be looked at");
            } else {
                findings.error(
                        key,
                        "names " + file + ", which can't be read",
                        "put the keyset back there from a copy, or let the service's user read it");
            }
        }
    }

    private static void keyset(String key, String text, Findings findings) {
        try {
            Keyset.parse(text);
        } catch (IllegalArgumentException e) {
            findings.error(
                    key,
                    "can't be used: " + Finding.withoutStop(e.getMessage()),
                    // A new one would pass, and open nothing of what this one has sealed.
                    "put the keyset back from a copy; if there was none before, give it what the command keyset makes");
        }
    }
}
