package dev.holdfast.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs a Dockerfile's steps without an engine. The stages' base images are this machine, with a JDK of its own first on
 * the PATH: each stage is an overlay above it, in a mount namespace, so that paths are what they will be and nothing of
 * the machine is changed. Needs root, and of the machine what the base images have.
 */
final class ScratchImage {

    private final Path scratch;
    private final Path context;
    private final Path jdk;
    private final Path repository;
    private final Map<String, Layer> stages = new LinkedHashMap<>();
    private Layer last;

    /** What a stage has come to: its files above those of the machine, and how its processes are started. */
    private static final class Layer {

        final Path files;
        final Map<String, String> environment;
        String directory;
        String user;
        List<String> entryPoint = List.of();

        Layer(Path files, Map<String, String> environment, String directory, String user) {
            this.files = files;
            this.environment = new LinkedHashMap<>(environment);
            this.directory = directory;
            this.user = user;
        }
    }

    private ScratchImage(Path scratch, Path context, Path jdk, Path repository) {
        this.scratch = scratch;
        this.context = context;
        this.jdk = jdk;
        this.repository = repository;
    }

    /**
     * @param jdk what the first base image brings
     * @param repository Maven's, to be mounted where a step asks for a cache
     */
    static ScratchImage build(Dockerfile dockerfile, Path context, Path scratch, Path jdk, Path repository) {
        ScratchImage image = new ScratchImage(scratch, context, jdk, repository);
        dockerfile.stages().forEach(image::stage);
        return image;
    }

    /** A command that starts the image's entry point with {@code arguments}, on a root that can't be written to. */
    List<String> command(String... arguments) {
        List<String> started = new ArrayList<>(last.entryPoint);
        started.addAll(List.of(arguments));
        return inside(started);
    }

    /** As {@link #command}, for another program than the entry point. */
    List<String> inside(List<String> program) {
        String quoted = program.stream().map(ScratchImage::quoted).collect(Collectors.joining(" "));
        String script = """
                %s
                mount -o remount,bind,ro "$root"
                mount -t tmpfs tmpfs "$root/tmp"
                """.formatted(mounted(last))
                + entering(last, "--no-new-privs --bounding-set=-all --inh-caps=-all")
                + quoted;
        return List.of("unshare", "--mount", "sh", "-euc", script);
    }

    /** Where the image's file is on this machine. */
    Path file(String path) {
        return last.files.resolve(path.substring(1));
    }

    private void stage(Dockerfile.Stage stage) {
        Path files = scratch.resolve("stage-" + stages.size());
        try {
            Files.createDirectories(files);
            Files.createDirectories(root());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String path = jdk.resolve("bin") + ":" + System.getenv("PATH");
        last = new Layer(files, Map.of("PATH", path, "JAVA_HOME", jdk.toString()), "/", "0:0");
        stages.put(stage.name(), last);
        stage.instructions().forEach(this::execute);
    }

    private void execute(Dockerfile.Instruction instruction) {
        long startedAt = System.nanoTime();
        perform(instruction);
        System.out.printf(
                "%5.1f s  %s %s%n", (System.nanoTime() - startedAt) / 1e9, instruction.keyword(), instruction.text());
    }

    private void perform(Dockerfile.Instruction instruction) {
        switch (instruction.keyword()) {
            case "ENV" -> {
                String[] pair = instruction.text().split("=", 2);
                last.environment.put(pair[0], pair[1].replaceAll("^\"|\"$", ""));
            }
            case "WORKDIR" -> {
                last.directory = instruction.text();
                shell("mkdir -p " + last.files + last.directory);
            }
            case "USER" -> last.user = user(instruction.text());
            case "COPY" -> copy(instruction);
            case "RUN" -> run(instruction);
            case "ENTRYPOINT" -> last.entryPoint = strings(instruction.text());
            case "EXPOSE" -> {}
            default -> throw new IllegalArgumentException("line " + instruction.line() + ": " + instruction.keyword());
        }
    }

    /** Names are this machine's: nobody is the same everywhere. */
    private static String user(String text) {
        return text.equals("nobody") ? "65534:65534" : text;
    }

    private void copy(Dockerfile.Instruction instruction) {
        String from = instruction.flags().get("from");
        Path source = from == null ? context : stages.get(from).files;
        List<String> words = List.of(instruction.text().split("\\s+"));
        String to = words.get(words.size() - 1);
        String target = last.files + (to.startsWith("/") ? "" : last.directory + "/") + to;
        for (String word : words.subList(0, words.size() - 1)) {
            Path file = source.resolve(word.replaceFirst("^/", ""));
            // A directory's content goes into the target, a file into it or in its place.
            shell(
                    Files.isDirectory(file)
                            ? "mkdir -p " + target + "; cp -a " + file + "/. " + target
                            : "mkdir -p "
                                    + (to.endsWith("/")
                                            ? target
                                            : Path.of(target).getParent()) + "; cp -a " + file + " " + target);
        }
        shell("chown -R 0:0 " + target);
    }

    private void run(Dockerfile.Instruction instruction) {
        String mount = instruction.flags().getOrDefault("mount", "");
        String cache = "";
        if (!mount.isEmpty()) {
            if (!mount.startsWith("type=cache,target=")) {
                throw new IllegalArgumentException("line " + instruction.line() + ": --mount=" + mount);
            }
            String target = "$root" + mount.substring("type=cache,target=".length()) + "/repository";
            // In an image others may read what root has fetched, which not every machine lets them.
            cache = """
                    mkdir -p "%1$s" %2$s %2$s.work
                    mount -t overlay overlay -o lowerdir=%3$s,upperdir=%2$s,workdir=%2$s.work "%1$s"
                    find "%1$s" -type d ! -perm -5 -exec chmod o+rx {} +
                    """.formatted(target, scratch.resolve("cache"), repository);
        }
        shell(mounted(last) + cache + entering(last, "") + "sh -c " + quoted(instruction.text()));
    }

    /** The layer at {@code $root}, with the kernel's file systems. */
    private String mounted(Layer layer) {
        return """
                root=%1$s
                mkdir -p %2$s.work
                mount -t overlay overlay -o lowerdir=/,upperdir=%2$s,workdir=%2$s.work "$root"
                for d in dev proc sys; do mount --rbind /$d "$root/$d"; done
                """.formatted(root(), layer.files);
    }

    private Path root() {
        return scratch.resolve("root");
    }

    /** Up to the command that is to run there. */
    private static String entering(Layer layer, String privileges) {
        String[] ids = layer.user.split(":");
        String variables = layer.environment.entrySet().stream()
                .map(variable -> quoted(variable.getKey() + "=" + variable.getValue()))
                .collect(Collectors.joining(" "));
        return "exec chroot \"$root\" setpriv --reuid=%s --regid=%s --clear-groups %s env --chdir=%s %s "
                .formatted(ids[0], ids[1], privileges, layer.directory, variables);
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static List<String> strings(String json) {
        try {
            return DeployFiles.JSON.readValue(json, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static void shell(String script) {
        try {
            Process process = new ProcessBuilder("unshare", "--mount", "sh", "-euc", script)
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new AssertionError(script + "\n" + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
