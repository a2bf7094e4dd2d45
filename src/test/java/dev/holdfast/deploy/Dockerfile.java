package dev.holdfast.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Dockerfile as its stages, each of a base and instructions. */
record Dockerfile(List<Stage> stages) {

    private static final Pattern FROM = Pattern.compile("(\\S+)(?:\\s+(?i:AS)\\s+(\\S+))?");
    private static final Pattern FLAG = Pattern.compile("--(\\w+)=(\\S+)\\s+");

    /**
     * @param base an image, or the name of an earlier stage
     * @param name empty where it has none
     */
    record Stage(String base, String name, List<Instruction> instructions) {

        /** The instructions of one kind, in order. */
        List<Instruction> all(String keyword) {
            return instructions.stream()
                    .filter(instruction -> instruction.keyword.equals(keyword))
                    .toList();
        }
    }

    /**
     * @param line where it begins, from 1
     * @param keyword in capitals
     * @param flags such as {@code from} of a COPY
     * @param text the rest, its lines joined
     */
    record Instruction(int line, String keyword, Map<String, String> flags, String text) {}

    static Dockerfile read(Path file) {
        List<Stage> stages = new ArrayList<>();
        List<String> lines = DeployFiles.text(file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            int begin = i;
            if (lines.get(i).isBlank() || lines.get(i).startsWith("#")) {
                continue;
            }
            StringBuilder text = new StringBuilder(lines.get(i));
            while (text.charAt(text.length() - 1) == '\\') {
                text.setLength(text.length() - 1);
                text.append(lines.get(++i).strip());
            }
            add(stages, instruction(begin + 1, text.toString()));
        }
        return new Dockerfile(List.copyOf(stages));
    }

    private static Instruction instruction(int line, String text) {
        String[] parts = text.split("\\s+", 2);
        String rest = parts.length == 1 ? "" : parts[1].strip();
        Map<String, String> flags = new LinkedHashMap<>();
        for (Matcher flag = FLAG.matcher(rest); flag.lookingAt(); flag = FLAG.matcher(rest)) {
            flags.put(flag.group(1), flag.group(2));
            rest = rest.substring(flag.end());
        }
        return new Instruction(line, parts[0].toUpperCase(Locale.ROOT), flags, rest);
    }

    private static void add(List<Stage> stages, Instruction instruction) {
        if (instruction.keyword.equals("FROM")) {
            Matcher from = FROM.matcher(instruction.text);
            if (!from.matches()) {
                throw new IllegalArgumentException("FROM " + instruction.text);
            }
            String name = from.group(2) == null ? "" : from.group(2);
            stages.add(new Stage(from.group(1), name, new ArrayList<>()));
        } else {
            stages.get(stages.size() - 1).instructions.add(instruction);
        }
    }
}
