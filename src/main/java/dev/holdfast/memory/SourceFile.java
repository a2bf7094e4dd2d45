package dev.holdfast.memory;

import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A file of a code base.
 *
 * @param type what kind it is; its extension unless said otherwise
 * @param cluster what it belongs to; the directory that it is in unless said otherwise
 */
record SourceFile(
        String path, String type, String cluster, String purpose, List<String> imports, List<String> exports) {

    static final int MOST = 100;
    static final int LONGEST_PATH = 500;
    static final int LONGEST_TYPE = 32;
    static final int LONGEST_CLUSTER = 200;
    static final int LONGEST_PURPOSE = 1_000;
    static final int MOST_NAMES = 200;
    static final int LONGEST_NAME = 200;

    private static final Set<String> FIELDS = Set.of("path", "purpose", "type", "cluster", "imports", "exports");

    SourceFile {
        Names.name(path, LONGEST_PATH, "path");
        Names.name(type, LONGEST_TYPE, "type");
        Names.name(cluster, LONGEST_CLUSTER, "cluster");
        if (PlainText.length(purpose) > LONGEST_PURPOSE || !PlainText.isStorable(purpose)) {
            throw Problem.invalid("'purpose' must be at most 1000 characters, without U+0000.", "purpose");
        }
        imports = names(imports, "imports");
        exports = names(exports, "exports");
    }

    /** @throws Problem 400 unless they are 1 to 100 files, each once */
    static List<SourceFile> of(Arguments arguments) {
        List<SourceFile> files =
                arguments.objects("files", FIELDS).stream().map(SourceFile::one).toList();
        Set<String> paths = new HashSet<>();
        if (files.isEmpty() || files.size() > MOST || !files.stream().allMatch(file -> paths.add(file.path))) {
            throw Problem.invalid("'files' must be 1 to " + MOST + " files, each once.", "files");
        }
        return files;
    }

    private static SourceFile one(Arguments file) {
        String path = file.text("path");
        return new SourceFile(
                path,
                file.text("type", extension(path)),
                file.text("cluster", directory(path)),
                file.text("purpose", ""),
                file.texts("imports"),
                file.texts("exports"));
    }

    JsonObject json() {
        return new JsonObject()
                .put("path", path)
                .put("type", type)
                .put("cluster", cluster)
                .put("purpose", purpose)
                .put("imports", new JsonArray(imports))
                .put("exports", new JsonArray(exports));
    }

    private static String extension(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        int dot = name.lastIndexOf('.');
        boolean some = dot > 0 && dot < name.length() - 1 && name.length() - dot - 1 <= LONGEST_TYPE;
        return some ? name.substring(dot + 1).toLowerCase(Locale.ROOT) : "none";
    }

    private static String directory(String path) {
        int slash = path.lastIndexOf('/');
        String directory = slash > 0 ? path.substring(0, slash).strip() : "";
        return directory.isEmpty() || PlainText.length(directory) > LONGEST_CLUSTER ? "." : directory;
    }

    private static List<String> names(List<String> names, String param) {
        if (names.size() > MOST_NAMES) {
            throw Problem.invalid("'" + param + "' may be at most " + MOST_NAMES + " names.", param);
        }
        names.forEach(name -> Names.name(name, LONGEST_NAME, param));
        return List.copyOf(names);
    }
}
