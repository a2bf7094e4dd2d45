package dev.holdfast.cli.verify;

import dev.holdfast.cli.verify.Catalogue.Known;
import java.util.List;

/** The keyset that providers' keys are sealed with; of interest once there is a setting for it. */
final class KeysetCheck implements Check {

    private final List<String> variables;

    /** @param variables the ways in which it can be given */
    KeysetCheck(String... variables) {
        this.variables = List.of(variables);
    }

    @Override
    public String name() {
        return "keyset";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Settings settings = subject.settings();
        List<Known> ways = settings.catalogue().settings().stream()
                .filter(known -> known.variables().stream().anyMatch(variables::contains))
                .toList();
        if (!ways.isEmpty()
                && ways.stream()
                        .allMatch(known -> settings.text(known.setting()).isEmpty())) {
            findings.add(
                    subject.options().production() ? Severity.ERROR : Severity.INFO,
                    String.join(" or ", variables),
                    "is not set, so that no provider's key can be stored",
                    "give it a Tink keyset");
        }
    }
}
