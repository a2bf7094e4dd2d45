package dev.holdfast.db;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Knows whether PostgreSQL holds a transaction open on a connection, from the protocol's own word for it: each answer ends
 * with ReadyForQuery, whose last byte is {@code I} where there is none. The driver reads that byte and keeps it to itself.
 */
final class TransactionWatch extends ChannelInboundHandlerAdapter {

    /** {@code Z}, and a length of 5: what comes before the status. */
    private static final long READY_FOR_QUERY = 0x5A_00_00_00_05L;

    private static final int LENGTH = 6;

    private long last;
    private volatile boolean open;

    boolean open() {
        return open;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (message instanceof ByteBuf bytes) {
            look(bytes);
        }
        super.channelRead(ctx, message);
    }

    /** Only the end matters: what looks like it in the middle of an answer is followed by the real one. */
    private void look(ByteBuf bytes) {
        for (int i = Math.max(bytes.readerIndex(), bytes.writerIndex() - LENGTH); i < bytes.writerIndex(); i++) {
            last = last << 8 | bytes.getByte(i) & 0xff;
        }
        if ((last >>> 8 & 0xff_ff_ff_ff_ffL) == READY_FOR_QUERY) {
            boolean now = (last & 0xff) != 'I';
            if (now != open) {
                open = now;
            }
        }
    }
}
