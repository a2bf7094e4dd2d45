package dev.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.SqlClient;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packages, what each may use, and what none may do on an event loop. */
@AnalyzeClasses(packages = "dev.holdfast", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String[] FEATURE = {"db", "problem", "http", "identity"};

    // admin and cli, which use anything, are missing here: what nobody lists, nobody may use.
    private static final Map<String, String[]> MAY_USE = Map.ofEntries(
            Map.entry("db", new String[] {}),
            Map.entry("embedded", new String[] {}),
            Map.entry("problem", new String[] {"db"}),
            Map.entry("http", new String[] {"db", "problem"}),
            Map.entry("health", new String[] {"db", "problem"}),
            Map.entry("sealing", new String[] {"db", "problem"}),
            Map.entry("identity", new String[] {"db", "problem", "http"}),
            Map.entry("conversation", FEATURE),
            Map.entry("llmconfig", new String[] {"db", "problem", "http", "identity", "sealing"}),
            Map.entry("memory", FEATURE),
            Map.entry("inbox", new String[] {"db", "problem", "http", "identity", "sealing", "conversation"}));

    @ArchTest
    static void everyPackageUsesOnlyWhatItMay(JavaClasses classes) {
        MAY_USE.forEach((name, others) -> noClasses()
                .that()
                .resideInAPackage(tree(name))
                .should()
                .dependOnClassesThat(ours().and(not(in(others))).and(not(in(name))))
                .allowEmptyShould(true)
                .check(classes));
    }

    @ArchTest
    static final ArchRule everyClassIsInAKnownPackage = classes()
            .should()
            .resideInAnyPackage(Stream.concat(MAY_USE.keySet().stream(), Stream.of("admin", "cli"))
                    .map(ArchitectureTest::tree)
                    .toArray(String[]::new))
            .because("a package that no rule knows would escape all of them");

    @ArchTest
    static final ArchRule nothingUsesTheAdminPages =
            noClasses().that(not(in("admin"))).should().dependOnClassesThat(in("admin"));

    @ArchTest
    static final ArchRule nothingUsesTheCommands =
            noClasses().that(not(in("cli"))).should().dependOnClassesThat(in("cli"));

    @ArchTest
    static final ArchRule onlyTheCommandsUseTheEmbeddedServer = noClasses()
            .that(not(in("cli", "embedded")))
            .should()
            .dependOnClassesThat(in("embedded"))
            .because("it is not in the production artefact");

    @ArchTest
    static final ArchRule packagesAreAcyclic =
            slices().matching("dev.holdfast.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theDatabaseKnowsNothingOfHttp = noClasses()
            .that(in("db"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.ws.rs..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheDatabaseNamesConnections = noClasses()
            .that(not(in("db")))
            .should()
            .dependOnClassesThat()
            .haveNameMatching("io\\.vertx\\.(mutiny\\.)?"
                    + "(sqlclient\\.(Pool|SqlClient|SqlConnection)|pgclient\\.(PgBuilder|PgConnection|PgPool))")
            .because("what is borrowed elsewhere escapes admission and accounting");

    @ArchTest
    static final ArchRule oneClassRunsStatements = noClasses()
            .that(not(nameMatching("dev\\.holdfast\\.db\\.PgLink")))
            .should()
            .accessTargetWhere(calls(SqlClient.class, "query|preparedQuery|prepare"))
            .because("statements run on what the pool has lent, and it knows what that is");

    @ArchTest
    static final ArchRule twoClassesKnowTheDriversInsides = noClasses()
            .that(not(nameMatching("dev\\.holdfast\\.db\\.(Wire|PoolDriver)(\\$.*)?")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx.sqlclient.impl..", "io.vertx.pgclient.impl..", "io.vertx.sqlclient.spi..")
            .because("they are what to look at when the driver's version changes");

    @ArchTest
    static final ArchRule nothingBlocksAnEventLoop = noClasses()
            .that(not(in("cli", "embedded")))
            .should()
            .accessTargetWhere(calls(Uni.class, "await")
                    .or(calls(Future.class, "get|join"))
                    .or(calls(io.vertx.core.Future.class, "await"))
                    .or(calls(Thread.class, "sleep|join"))
                    .or(calls(TimeUnit.class, "sleep")))
            .allowEmptyShould(true)
            .because("a blocked event loop blocks every request on it");

    @ArchTest
    static void oneClassAtMostKnowsMicroProfileMetrics(JavaClasses classes) {
        Set<String> users = classes.stream()
                .filter(user -> user.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency -> resideInAPackage("org.eclipse.microprofile.metrics..")
                                .test(dependency.getTargetClass())))
                .map(user -> user.getName().replaceFirst("\\$.*", ""))
                .collect(toSet());

        assertThat(users)
                .as("moving on from MicroProfile Metrics is to be one file")
                .hasSizeLessThanOrEqualTo(1);
    }

    private static String tree(String name) {
        return "dev.holdfast." + name + "..";
    }

    private static DescribedPredicate<JavaClass> ours() {
        return resideInAPackage("dev.holdfast..");
    }

    private static DescribedPredicate<JavaClass> in(String... names) {
        return resideInAnyPackage(
                Arrays.stream(names).map(ArchitectureTest::tree).toArray(String[]::new));
    }

    private static DescribedPredicate<JavaAccess<?>> calls(Class<?> type, String methods) {
        return target(nameMatching(methods)).and(target(owner(assignableTo(type))));
    }
}
