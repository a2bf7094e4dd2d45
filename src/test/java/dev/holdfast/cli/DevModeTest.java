package dev.holdfast.cli;

import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static java.nio.file.attribute.PosixFilePermission.OWNER_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sealing.Keyset;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevModeTest {

    @TempDir
    Path directory;

    @Test
    void aKeysetIsMadeOnceAndKeptForItsOwnerAlone() throws Exception {
        Path made = DevMode.keysetIn(directory.resolve("kept"));
        String text = Files.readString(made);

        assertThat(Keyset.rotate(text)).as("it is a keyset").isNotEqualTo(text);
        assertThat(Files.getPosixFilePermissions(made)).containsOnly(OWNER_READ, OWNER_WRITE);
        assertThat(DevMode.keysetIn(directory.resolve("kept"))).isEqualTo(made).hasContent(text);
        assertThat(made.getParent()).isDirectoryNotContaining("glob:**.new");
    }
}
