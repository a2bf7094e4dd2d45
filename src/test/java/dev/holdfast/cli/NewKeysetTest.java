package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.testkit.Tool;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class NewKeysetTest {

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int keyset(String... arguments) {
        return new CommandLine(new NewKeyset())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void withoutAFileAKeysetIsPrintedAndNothingElse() {
        assertThat(keyset()).isZero();

        assertThat(Keyset.parse(out.toString()).ids()).hasSize(1);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void whatIsPutIntoAFileIsNotPrinted() throws Exception {
        Path file = directory.toRealPath().resolve("keyset.json");

        assertThat(keyset("--create", file.toString())).isZero();
        long first = Keyset.parse(Files.readString(file)).primaryId();
        assertThat(keyset("--rotate", file.toString())).isZero();
        long second = Keyset.parse(Files.readString(file)).primaryId();

        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines())
                .containsExactly(
                        file + " has a keyset with key " + first + ": keep a copy of it, apart from the database",
                        file + " has a new key, " + second + ", which seals from now on: keep a copy of this file"
                                + " too, apart from the database; as it was, without that key, it is in " + file + "."
                                + first + ".bak");
    }

    @Test
    void aKeysetThatCannotBePrintedEndsTheCommandWithAFailure() {
        assumeTrue(Files.exists(Path.of("/dev/full")), "there is no disk that is full");

        Tool.Ended ended = Tool.require("sh")
                .run(
                        "-c",
                        "exec \"$0\" \"$@\" > /dev/full",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "keyset");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).startsWith("The new keyset could not be written and is lost");
    }

    @Test
    void toMakeAFileAndToRotateOneExcludeEachOther() {
        Path file = directory.resolve("keyset.json");

        assertThat(keyset("--create", file.toString(), "--rotate", file.toString()))
                .isEqualTo(2);

        assertThat(file).doesNotExist();
    }
}
