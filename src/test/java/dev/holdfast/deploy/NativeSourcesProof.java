package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.ws.rs.HttpMethod;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * What GraalVM's compiler would get: {@code .ci/run} builds it, without the compiler, and then asks for this by name.
 * Unregistered, a type is written as {@code {}} and a resource is missing, both only in the native image.
 */
class NativeSourcesProof {

    private static final Path SOURCES = Path.of("target", "native-sources");
    private static final Path RESOURCES = Path.of("src", "main", "resources");

    /** Read when the image is built; and what only the command migrate needs, which the native image has not. */
    private static final Pattern NOT_AT_RUN_TIME =
            Pattern.compile("application\\.properties|openapi/.*|db/migration/.*");

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.holdfast");

    @Test
    void everyTypeThatIsWrittenAsJsonIsRegistered() throws Exception {
        Set<String> registered = StreamSupport.stream(
                        config("reflect-config.json").spliterator(), false)
                .map(entry -> entry.path("name").asText())
                .collect(Collectors.toSet());

        assertThat(written()).hasSizeGreaterThan(15);
        assertThat(registered).containsAll(written());
    }

    @Test
    void everyResourceIsRegisteredUnlessTheServiceCanDoWithout() throws Exception {
        // What a glob asks for is there as a pattern.
        String registered = config("resource-config.json").toString().replace("\\\\.", ".");

        assertThat(DeployFiles.under(RESOURCES))
                .map(file -> RESOURCES.relativize(file).toString())
                .filteredOn(name -> !NOT_AT_RUN_TIME.matcher(name).matches())
                .allSatisfy(name -> assertThat(registered).contains(name));
    }

    @Test
    void itServesAndHasNoOtherCommand() throws Exception {
        try (JarFile jar = new JarFile(runner().toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo("dev.holdfast.cli.ServeOnly");
        }
        JavaClass main = classes.get("dev.holdfast.cli.ServeOnly");
        assertThat(main.getDirectDependenciesFromSelf())
                .extracting(dependency -> dependency.getTargetClass().getPackageName())
                .doesNotContain("picocli", "org.flywaydb.core", "dev.holdfast.embedded");
    }

    /** Whatever bears an annotation of Jackson, what resources return, and what these are made of. */
    private Set<String> written() {
        Set<String> names = new TreeSet<>();
        for (JavaClass type : classes) {
            if (hasJackson(type)) {
                add(type.reflect(), names);
            }
            type.getMethods().stream()
                    .filter(method -> method.getAnnotations().stream()
                            .anyMatch(a -> a.getRawType().isMetaAnnotatedWith(HttpMethod.class)))
                    .forEach(method -> add(method.reflect().getGenericReturnType(), names));
        }
        return names;
    }

    private static void add(Type type, Set<String> names) {
        if (type instanceof ParameterizedType generic) {
            Stream.of(generic.getActualTypeArguments()).forEach(argument -> add(argument, names));
            add(generic.getRawType(), names);
        } else if (type instanceof Class<?> raw
                && raw.getName().startsWith("dev.holdfast.")
                && names.add(raw.getName())
                && raw.isRecord()) {
            Stream.of(raw.getRecordComponents()).forEach(part -> add(part.getGenericType(), names));
        }
    }

    private static boolean hasJackson(JavaClass type) {
        return Stream.<CanBeAnnotated>concat(Stream.of(type), type.getMembers().stream())
                .anyMatch(NativeSourcesProof::isJacksons);
    }

    private static boolean isJacksons(CanBeAnnotated element) {
        return element.isAnnotatedWith(DescribedPredicate.describe(
                "of Jackson",
                annotation -> annotation.getRawType().getPackageName().startsWith("com.fasterxml.jackson")));
    }

    private static JsonNode config(String name) throws Exception {
        try (JarFile jar = new JarFile(runner().toFile());
                InputStream in = jar.getInputStream(jar.getEntry("META-INF/native-image/" + name))) {
            return DeployFiles.JSON.readTree(in);
        }
    }

    private static Path runner() {
        return DeployFiles.under(SOURCES).stream()
                .filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
                .findFirst()
                .orElseThrow();
    }
}
