package dev.holdfast.cli.verify;

import dev.holdfast.cli.verify.Catalogue.Known;
import java.util.List;

/** The keyset that providers' keys are sealed with. */
final class KeysetCheck implements Check {

    @Override
    public String name() {
        return "keyset";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        List<Known> ways = subject.settings().catalogue().settings().stream()
                .filter(known -> known.variables().stream().anyMatch(v -> v.matches("HOLDFAST_KEYSET(_FILE)?")))
                .toList();
        if (!ways.isEmpty()
                && ways.stream()
                        .noneMatch(known ->
                                subject.settings().text(known.setting()).isPresent())) {
            findings.add(
                    subject.options().production() ? Severity.ERROR : Severity.INFO,
                    "HOLDFAST_KEYSET",
                    "is not set, so that no provider's key can be stored",
                    "give it a Tink keyset, or HOLDFAST_KEYSET_FILE the file of one");
        }
    }
}
