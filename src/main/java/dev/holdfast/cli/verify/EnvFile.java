package dev.holdfast.cli.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of lines {@code NAME=value}, as Compose, systemd and Docker read it: empty lines and those that begin with
 * {@code #} say nothing, {@code export} before a name is allowed, and so are quotes around the whole value.
 *
 * @param values by name; of a name that stands twice the last value
 * @param repeated the names that stand twice or more
 * @param unreadable the numbers of the lines that are of another form, from 1
 */
record EnvFile(Map<String, String> values, List<String> repeated, List<Integer> unreadable) {

    private static final Pattern LINE = Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)");

    static EnvFile read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> repeated = new ArrayList<>();
        List<Integer> unreadable = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                if (values.put(matcher.group(1), unquoted(matcher.group(2))) != null) {
                    repeated.add(matcher.group(1));
                }
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                unreadable.add(i + 1);
            }
        }
        return new EnvFile(values, repeated, unreadable);
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2
                && (value.startsWith("'") || value.startsWith("\""))
                && value.charAt(0) == value.charAt(value.length() - 1);
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    /** What is wrong with the file itself. */
    void look(Findings findings) {
        findings.of("env-file");
        for (int line : unreadable) {
            findings.error("line " + line, "is not NAME=value", "mend it, or put # before it");
        }
        for (String name : repeated) {
            findings.error(name, "stands twice in the file", "write it once: the last one is used");
        }
    }
}
