package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class TransactionWatchTest {

    private static final byte[] IDLE = {'Z', 0, 0, 0, 5, 'I'};
    private static final byte[] OPEN = {'Z', 0, 0, 0, 5, 'T'};
    private static final byte[] FAILED = {'Z', 0, 0, 0, 5, 'E'};

    private final TransactionWatch watch = new TransactionWatch();
    private final EmbeddedChannel channel = new EmbeddedChannel(watch);

    private void read(byte... bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    }

    @Test
    void aTransactionIsOpenFromBeginToCommitAndWhileItHasFailed() {
        read(OPEN);
        assertThat(watch.open()).isTrue();
        read(FAILED);
        assertThat(watch.open()).isTrue();
        read(IDLE);
        assertThat(watch.open()).isFalse();
    }

    @Test
    void anAnswerThatComesInPiecesIsUnderstood() {
        for (byte b : OPEN) {
            read(b);
        }
        assertThat(watch.open()).isTrue();
        read((byte) 'C', (byte) 'Z');
        read((byte) 0, (byte) 0, (byte) 0);
        assertThat(watch.open()).isTrue();
        read((byte) 5, (byte) 'I');
        assertThat(watch.open()).isFalse();
    }

    @Test
    void theLastWordOfALongAnswerCounts() {
        byte[] answer = new byte[4096];
        System.arraycopy(OPEN, 0, answer, 100, OPEN.length);
        System.arraycopy(IDLE, 0, answer, answer.length - IDLE.length, IDLE.length);
        read(answer);
        assertThat(watch.open()).isFalse();
    }

    @Test
    void whatPassesIsPassedOn() {
        read(IDLE);
        assertThat(channel.<Object>readInbound()).isEqualTo(Unpooled.wrappedBuffer(IDLE));
    }
}
