package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.Certificates;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the JVM image is like, built by its Dockerfile's own steps. It takes a minute or two, root and a JDK 25, so
 * {@code .ci/run} asks for it by name.
 */
@Timeout(600)
class ImageProof {

    private static final int STARTS = 5;
    /** Windows' and geometric types of drivers, and processors of annotations. */
    private static final Set<String> NEVER_USED = Set.of("java.desktop", "java.compiler", "jdk.compiler");

    private static final String ROOT_CERTIFICATE = "/etc/holdfast/database-ca/ca.crt";

    @TempDir
    private static Path scratch;

    private static ScratchImage image;
    private static Map<String, String> environment;

    @BeforeAll
    @Timeout(600)
    static void build() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "mounts are for root");
        image = ScratchImage.build(
                Dockerfile.read(DeployFiles.DEPLOY.resolve("container/Dockerfile")),
                Path.of("").toAbsolutePath(),
                scratch,
                Path.of(System.getProperty("java.home")),
                Path.of(System.getProperty("user.home"), ".m2", "repository"));
        String url = Training.database();
        environment = Map.of(
                "DATABASE_URL",
                url.replaceFirst("sslrootcert=.*", "sslrootcert=" + ROOT_CERTIFICATE),
                "HOLDFAST_LOG_JSON",
                "true");
        Path mounted = image.file(ROOT_CERTIFICATE);
        Files.createDirectories(mounted.getParent());
        Files.copy(Certificates.shared().authority.certificate(), mounted, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(mounted, PosixFilePermissions.fromString("r--r--r--"));
        assertThat(ended(image.command("migrate"))).contains("the schema is at version ");
    }

    @Test
    void itServesAsAUserWithoutRightsOnARootThatCannotBeWrittenToAndEndsWhenItIsTold() throws Exception {
        try (RunningService service = start(image.command())) {
            service.untilHealthy();

            assertThat(service.post("/v1/conversations", "{}").statusCode()).isEqualTo(200);
            assertThat(service.manage("/q/health/ready")).isEqualTo(200);
            assertThat(service.stop()).as("the exit code of SIGTERM").isEqualTo(143);
            assertThat(service.log()).contains("holdfast stopped in").doesNotContain("Timed out waiting");
            assertThat(service.log().lines()).as("nothing but JSON").allMatch(line -> line.startsWith("{"));
        }
    }

    // Without the option, the JVM would go on without a cache that does not fit.
    @Test
    void itsCacheIsUsed() {
        try (RunningService service =
                start(image.inside(List.of("env", "JAVA_OPTS=-XX:AOTMode=on", "/opt/holdfast/run")))) {
            service.untilHealthy();
        }
    }

    @Test
    void itsRuntimeHasEveryModuleThatItsJarsNeed() throws Exception {
        Set<String> needed = new TreeSet<>();
        for (Path jar : DeployFiles.under(image.file("/opt/holdfast"))) {
            if (jar.toString().endsWith(".jar")) {
                needed.addAll(modules(jar));
            }
        }
        needed.removeAll(NEVER_USED);

        assertThat(ended(image.inside(List.of("/opt/holdfast/java/bin/java", "--list-modules")))
                        .lines()
                        .map(line -> line.replaceFirst("@.*", "")))
                .containsAll(needed)
                .doesNotContainAnyElementsOf(NEVER_USED);
    }

    /** Those of the platform. jdeps is for jars that are no modules: it wants all that a module requires. */
    private static Set<String> modules(Path jar) throws IOException {
        Set<String> names = isModule(jar) ? required(jar) : used(jar);
        names.removeIf(name -> !name.startsWith("java.") && !name.startsWith("jdk."));
        return names;
    }

    private static boolean isModule(Path jar) throws IOException {
        try (JarFile opened = new JarFile(jar.toFile(), true, JarFile.OPEN_READ, Runtime.version())) {
            return opened.getEntry("module-info.class") != null;
        }
    }

    private static Set<String> required(Path jar) {
        return ModuleFinder.of(jar).findAll().iterator().next().descriptor().requires().stream()
                .filter(requires -> !requires.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                .map(ModuleDescriptor.Requires::name)
                .collect(Collectors.toSet());
    }

    private static Set<String> used(Path jar) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(out, out, "-s", "--ignore-missing-deps", "--multi-release", "25", jar.toString());
        return DashboardTest.found("-> (\\S+)", said.toString());
    }

    @Test
    void howLongItTakesToTheFirst200() throws Exception {
        List<String> plainly = image.inside(List.of(
                "/opt/holdfast/java/bin/java", "@/opt/holdfast/java.options", "-jar", "/opt/holdfast/quarkus-run.jar"));
        List<Duration> plain = new ArrayList<>();
        List<Duration> cached = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            plain.add(firstAnswer(plainly));
            cached.add(firstAnswer(image.command()));
        }

        double ratio = (double) median(cached).toMillis() / median(plain).toMillis();
        System.out.printf(
                "Start-up to the first 200, medians of %d: %d ms as a plain fast-jar, %d ms with the cache (%.2f of it)%n",
                STARTS, median(plain).toMillis(), median(cached).toMillis(), ratio);
        assertThat(ratio).as("the cache is worth its place").isLessThan(1);
    }

    private static Duration firstAnswer(List<String> command) {
        try (RunningService service = start(command)) {
            Duration duration = service.untilHealthy();
            service.stop();
            return duration;
        }
    }

    private static RunningService start(List<String> command) {
        return new RunningService(command, environment);
    }

    private static Duration median(List<Duration> durations) {
        Collections.sort(durations);
        return durations.get(durations.size() / 2);
    }

    private static String ended(List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        return new String(process.getInputStream().readAllBytes());
    }
}
