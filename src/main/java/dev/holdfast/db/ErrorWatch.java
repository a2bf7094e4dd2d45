package dev.holdfast.db;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the first error of a connection, which says why it ended: PostgreSQL's farewell may be followed by a reset. The driver
 * tells errors that belong to no statement to whoever has borrowed the connection, and while it is idle nobody has.
 */
final class ErrorWatch extends ChannelInboundHandlerAdapter {

    private volatile @Nullable Throwable first;

    @Nullable
    Throwable first() {
        return first;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (first == null) {
            first = cause;
        }
        ctx.fireExceptionCaught(cause);
    }
}
