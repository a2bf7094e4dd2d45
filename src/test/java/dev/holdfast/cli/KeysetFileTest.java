package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysetFileTest {

    @TempDir
    Path temporary;

    private Path directory;
    private Path file;

    @BeforeEach
    void resolve() throws IOException {
        directory = temporary.toRealPath();
        file = directory.resolve("keyset.json");
    }

    @Test
    void aKeysetIsMadeForItsOwnerAlone() throws Exception {
        long key = KeysetFile.create(file);

        assertThat(keyset(file).primaryId()).isEqualTo(key);
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(files()).containsExactly(file);
    }

    @Test
    void whatIsThereIsNeverOverwrittenByANewKeyset() throws Exception {
        Files.writeString(file, "anything");

        refused(
                () -> KeysetFile.create(file),
                file + " is there already and was left as it is: rotate it with keyset --rotate " + file + ",");

        assertThat(file).hasContent("anything");
        assertThat(files()).containsExactly(file);
    }

    @Test
    void aFileThatWasEmptiedIsNotOverwrittenEitherAndNobodyIsToldToRotateIt() throws Exception {
        Files.createFile(file);

        assertThatThrownBy(() -> KeysetFile.create(file))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining(file + " is there already, but empty, and was left as it is: if it ever had")
                .hasMessageNotContaining("--rotate");

        assertThat(file).isEmptyFile();
        assertThat(files()).containsExactly(file);
    }

    @Test
    void whatACommandNamesInItsAdviceIsOneWordToAShell() throws Exception {
        Path apart = Files.createDirectory(directory.resolve("Bob's keys")).resolve("keyset.json");
        String quoted = "'" + apart.toString().replace("'", "'\\''") + "'";

        refused(() -> KeysetFile.rotate(apart), "keyset --create " + quoted);
        KeysetFile.create(apart);
        refused(() -> KeysetFile.create(apart), "keyset --rotate " + quoted + ",");
    }

    @Test
    void aLinkThatLeadsNowhereIsNotOverwrittenEither() throws Exception {
        Files.createSymbolicLink(file, directory.resolve("nowhere"));

        refused(() -> KeysetFile.create(file), file + " is a link that leads nowhere");

        assertThat(files()).containsExactly(file);
    }

    @Test
    void aKeysetThatCannotBeMadeLeavesNothing() throws Exception {
        Path nowhere = directory.resolve("missing").resolve("keyset.json");

        refused(() -> KeysetFile.create(nowhere), nowhere + " was not made", "there is no such directory");

        assertThat(files()).isEmpty();
    }

    @Test
    void ofManyWhoMakeTheSameKeysetOneDoes() throws Exception {
        List<Boolean> made = Parallel.run(8, i -> succeeds(() -> KeysetFile.create(file)));

        assertThat(made).containsOnlyOnce(true);
        assertThat(keyset(file).ids()).hasSize(1);
        assertThat(files()).containsExactly(file);
    }

    @Test
    void aRotationAddsAKeyInPlaceAndKeepsACopyOfWhatThereWas() throws Exception {
        long first = KeysetFile.create(file);
        String old = Files.readString(file);

        KeysetFile.Rotation done = KeysetFile.rotate(file);

        assertThat(done.file()).isEqualTo(file);
        assertThat(done.copy())
                .isEqualTo(directory.resolve("keyset.json." + first + ".bak"))
                .hasContent(old);
        assertThat(keyset(file).primaryId()).isEqualTo(done.primaryId()).isNotEqualTo(first);
        assertThat(keyset(file).lacks(Keyset.parse(old))).isEmpty();
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(permissions(done.copy())).isEqualTo("rw-------");
        assertThat(files()).containsExactlyInAnyOrder(file, done.copy());
    }

    @Test
    void aRotationKeepsPermissionsAndItsCopyIsForTheOwnerAlone() throws Exception {
        KeysetFile.create(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));

        Path copy = KeysetFile.rotate(file).copy();

        assertThat(permissions(file)).isEqualTo("r--r-----");
        assertThat(permissions(copy)).isEqualTo("rw-------");
    }

    @Test
    void everyRotationHasACopyOfItsOwn() throws Exception {
        KeysetFile.create(file);

        Path first = KeysetFile.rotate(file).copy();
        Path second = KeysetFile.rotate(file).copy();

        assertThat(keyset(first).ids()).hasSize(1);
        assertThat(keyset(second).ids()).hasSize(2);
        assertThat(keyset(file).ids()).hasSize(3);
    }

    @Test
    void anEarlierCopyIsNeverOverwritten() throws Exception {
        long key = KeysetFile.create(file);
        String old = Files.readString(file);
        Path taken = Files.writeString(directory.resolve("keyset.json." + key + ".bak"), "somebody's");

        Path copy = KeysetFile.rotate(file).copy();

        assertThat(taken).hasContent("somebody's");
        assertThat(copy)
                .isEqualTo(directory.resolve("keyset.json." + key + "-2.bak"))
                .hasContent(old);
    }

    @Test
    void aCopyThatIsThereAlreadyIsNotMadeTwice() throws Exception {
        KeysetFile.create(file);
        Path copy = KeysetFile.rotate(file).copy();
        Files.copy(copy, file, StandardCopyOption.REPLACE_EXISTING);

        assertThat(KeysetFile.rotate(file).copy()).isEqualTo(copy);
    }

    @Test
    void aLinkStaysOneAndWhatItLeadsToIsRotated() throws Exception {
        Path real = Files.createDirectory(directory.resolve("..2026")).resolve("keyset.json");
        KeysetFile.create(real);
        Files.createSymbolicLink(directory.resolve("..data"), Path.of("..2026"));
        Files.createSymbolicLink(file, Path.of("..data", "keyset.json"));

        KeysetFile.Rotation done = KeysetFile.rotate(file);

        assertThat(Files.isSymbolicLink(file)).isTrue();
        assertThat(done.file()).isEqualTo(real);
        assertThat(done.copy()).hasParent(real.getParent());
        assertThat(keyset(file).primaryId()).isEqualTo(done.primaryId());
    }

    @Test
    void aMissingKeysetIsNotRotated() throws Exception {
        refused(() -> KeysetFile.rotate(file), file + " is not there: name the keyset that is in use", "--create");

        assertThat(files()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "marked-nonsense", "{\"marked\":1}"})
    void whatIsNoKeysetIsLeftAsItIs(String content) throws Exception {
        Files.writeString(file, content);

        refused(
                () -> KeysetFile.rotate(file),
                file + " can't be rotated and was left as it is, so put a copy of the keyset back first: ",
                content.isEmpty() ? "It is empty." : "This is not a Tink keyset");

        assertThat(file).hasContent(content);
        assertThat(files()).containsExactly(file);
    }

    @Test
    void aDirectoryIsNotRotated() throws Exception {
        refused(() -> KeysetFile.rotate(directory), directory + " is nothing that can be replaced");

        assertThat(files()).isEmpty();
    }

    @Test
    void aRotationBesideAnotherLeavesTheKeysetAsItWas() throws Exception {
        KeysetFile.create(file);
        String old = Files.readString(file);
        Path next = Files.writeString(directory.resolve("keyset.json.new"), "the other's");

        refused(
                () -> KeysetFile.rotate(file),
                file + " was left as it is, because " + next,
                "nothing is lost",
                "try again");

        assertThat(file).hasContent(old);
        assertThat(next).hasContent("the other's");
        assertThat(files()).containsExactlyInAnyOrder(file, next);
    }

    @Test
    void ofManyRotationsAtOnceNoneLosesAnothersKey() throws Exception {
        KeysetFile.create(file);

        List<Boolean> done = Parallel.run(16, i -> succeeds(() -> KeysetFile.rotate(file)));

        long rotations = done.stream().filter(ok -> ok).count();
        assertThat(rotations).isPositive();
        assertThat(keyset(file).ids()).hasSize((int) rotations + 1);
        assertThat(files()).hasSize((int) rotations + 1);
    }

    @Test
    void whoeverReadsWhileItIsRotatedFindsAWholeKeyset() throws Exception {
        KeysetFile.create(file);
        Keyset first = keyset(file);
        AtomicBoolean rotating = new AtomicBoolean(true);

        List<Integer> counts = Parallel.run(2, i -> {
            if (i == 0) {
                for (int round = 0; round < 30; round++) {
                    KeysetFile.rotate(file);
                }
                rotating.set(false);
                return 30;
            }
            int reads = 0;
            while (rotating.get()) {
                assertThat(keyset(file).lacks(first)).isEmpty();
                reads++;
            }
            return reads;
        });

        assertThat(counts).allMatch(count -> count > 0);
        assertThat(keyset(file).ids()).hasSize(31);
    }

    @ParameterizedTest
    // What comes behind the name, .new or the copy's .4294967295.bak, makes it longer than a file system takes.
    @ValueSource(ints = {253, 246})
    void aRotationThatFailsLeavesTheKeysetAsItWas(int length) throws Exception {
        Path longest = directory.resolve("k".repeat(length));
        Files.writeString(longest, Keyset.generate());
        String old = Files.readString(longest);

        refused(
                () -> KeysetFile.rotate(longest),
                longest + " was left as it is, because nothing can be written beside it");

        assertThat(longest).hasContent(old);
        assertThat(files()).containsExactly(longest);
    }

    @Test
    void aRotationInADirectoryThatCannotBeWrittenToLeavesTheKeysetAsItWas() throws Exception {
        KeysetFile.create(file);
        String old = Files.readString(file);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-x------"));
        try {
            assumeFalse(Files.isWritable(directory), "root may write everywhere");

            refused(() -> KeysetFile.rotate(file), file + " was left as it is", "permission denied");
        } finally {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
        assertThat(file).hasContent(old);
        assertThat(files()).containsExactly(file);
    }

    @Test
    void aKeysetThatMayNotBeReadIsNotRotated() throws Exception {
        KeysetFile.create(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(file), "root may read everything");

        refused(() -> KeysetFile.rotate(file), file + " can't be read (permission denied)");

        assertThat(files()).containsExactly(file);
    }

    /** Where nothing more may be written, as on a disk that is full. */
    @ParameterizedTest
    @ValueSource(strings = {"create", "rotate"})
    void aDiskThatIsFullLeavesTheKeysetAsItWas(String command) throws Exception {
        boolean create = command.equals("create");
        if (!create) {
            KeysetFile.create(file);
        }
        List<Path> before = files();
        byte[] old = create ? new byte[0] : Files.readAllBytes(file);

        Tool.Ended ended = Tool.require("sh")
                .run(
                        "-c",
                        "ulimit -f 0 && exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Command.class.getName(),
                        command,
                        file.toString());

        assertThat(ended.output())
                .contains(
                        create ? file + " was not made" : file + " was left as it is",
                        "because nothing can be written beside it (File too large)");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(files()).isEqualTo(before);
        if (!create) {
            assertThat(file).hasBinaryContent(old);
        }
    }

    /** The command in a process of its own. */
    static final class Command {

        public static void main(String[] arguments) {
            try {
                Path file = Path.of(arguments[1]);
                if (arguments[0].equals("create")) {
                    KeysetFile.create(file);
                } else {
                    KeysetFile.rotate(file);
                }
            } catch (CommandFailure failure) {
                System.out.println(failure.getMessage());
                System.exit(1);
            }
        }
    }

    private static void refused(Runnable command, String... message) {
        assertThatThrownBy(command::run)
                .isInstanceOf(CommandFailure.class)
                .hasMessageContainingAll(message)
                .hasMessageNotContaining("marked");
    }

    private static boolean succeeds(Runnable command) {
        try {
            command.run();
            return true;
        } catch (CommandFailure failure) {
            return false;
        }
    }

    private static Keyset keyset(Path file) {
        try {
            return Keyset.parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }
}
