package dev.holdfast.cli.verify;

import dev.holdfast.db.ForeignNames;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Variables that nothing here reads, whether they are slips of the pen or another driver's. */
final class NamesCheck implements Check {

    private static final Pattern OURS = Pattern.compile("(?i)(DB|HOLDFAST)_.*");

    /** What Kubernetes puts into every container for a Service called db, holdfast or the like. */
    private static final Pattern SERVICE_LINK = Pattern.compile(
            "[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern SERVICE_PORT = Pattern.compile("(tcp|udp|sctp)://.*");

    @Override
    public String name() {
        return "names";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Settings settings = subject.settings();
        new TreeMap<>(settings.environment()).forEach((name, value) -> {
            if (!settings.catalogue().hasVariable(name) && !isServiceLink(name, value)) {
                variable(settings, name, value, findings);
            }
        });
        for (String property : settings.properties()) {
            if (settings.catalogue().setting(property).isEmpty()) {
                findings.error("-D" + property, "is no setting of ours", "leave it out");
            }
        }
    }

    private static void variable(Settings settings, String name, String value, Findings findings) {
        boolean ours = OURS.matcher(name).matches();
        Optional<ForeignNames.Foreign> foreign = ForeignNames.ofVariable(name);
        if (foreign.isPresent()) {
            Severity severity = ours ? Severity.ERROR : Severity.WARNING;
            findings.add(severity, name, foreign.get().why(), foreign.get().mend());
            for (ForeignNames.Foreign inner : ForeignNames.within(value)) {
                findings.add(severity, name + ": " + inner.name(), inner.why(), inner.mend());
            }
        } else if (ours && !AddressCheck.PARTS.containsKey(name)) {
            findings.error(
                    name,
                    "is unknown",
                    settings.catalogue()
                            .nearest(name)
                            .map(meant -> "write " + meant + " if that was meant, or leave it out")
                            .orElse("leave it out"));
        }
    }

    private static boolean isServiceLink(String name, String value) {
        return SERVICE_LINK.matcher(name).matches()
                || name.endsWith("_PORT") && SERVICE_PORT.matcher(value).matches();
    }
}
