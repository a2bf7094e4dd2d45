package dev.holdfast.cli.verify;

import dev.holdfast.llmconfig.LlmConfigSettings;

/** The keyset that providers' keys are sealed with. Without one everything else is served: so it is no error. */
final class KeysetCheck implements Check {

    @Override
    public String name() {
        return "keyset";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        LlmConfigSettings config = subject.settings().mapping(LlmConfigSettings.class);
        if (config.keyset().isEmpty() && config.keysetFile().isEmpty()) {
            findings.add(
                    subject.options().production() ? Severity.WARNING : Severity.INFO,
                    subject.key("holdfast.keyset-file"),
                    "is not set, so that no provider's key can be stored",
                    "give it a file made by the command keyset");
        }
    }
}
