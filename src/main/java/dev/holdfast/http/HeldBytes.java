package dev.holdfast.http;

import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/**
 * What one request holds of the {@link ByteBudget}, until its answer has left for the client. A connection of the pool has
 * gone back long before: a client that reads slowly holds bytes, never a slot.
 */
public final class HeldBytes {

    private static final String KEY = HeldBytes.class.getName();

    /** Less than the system's own buffers take: not worth waiting for. */
    private static final long SMALL = 16 * 1024;

    private final ByteBudget budget;
    private final String share;
    private final long patienceMillis;
    private long bytes;

    private HeldBytes(ByteBudget budget, String share, long patienceMillis) {
        this.budget = budget;
        this.share = share;
        this.patienceMillis = patienceMillis;
    }

    /**
     * @param share whose part of the budget the request's bytes are
     * @param patienceMillis how long a client may take to read its answer, once that is there
     */
    static void begin(RoutingContext ctx, ByteBudget budget, String share, long patienceMillis) {
        ctx.put(KEY, new HeldBytes(budget, share, patienceMillis));
    }

    static HeldBytes of(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.<HeldBytes>get(KEY), "the request has not been let through");
    }

    /**
     * The answer to a request that has changed nothing, counted until the client has it.
     *
     * @throws Problem 429 or 503 where it does not fit into the budget
     */
    public static Buffer answer(RoutingContext ctx, Buffer answer) {
        of(ctx).claim(ctx, answer.length());
        return answer;
    }

    /** As {@link #answer}, for what a request has written: that must be told, budget or not. */
    public static Buffer written(RoutingContext ctx, Buffer answer) {
        HeldBytes held = of(ctx);
        held.budget.add(held.share, answer.length());
        held.grew(ctx, answer.length());
        return answer;
    }

    void claim(RoutingContext ctx, long more) {
        switch (budget.take(share, more)) {
            case GRANTED -> grew(ctx, more);
            case SHARE_FULL ->
                throw new Problem(
                        ErrorCode.PROJECT_SHARE_EXCEEDED,
                        "The bodies and answers under way of this project hold all bytes that they may.",
                        null,
                        null);
            case FULL ->
                throw new Problem(
                        ErrorCode.POOL_QUEUE_FULL,
                        "The bodies and answers under way on this replica hold all bytes that they may.",
                        null,
                        null);
        }
    }

    private void grew(RoutingContext ctx, long more) {
        if (bytes == 0) {
            ctx.addEndHandler(end -> ended(ctx));
        }
        bytes += more;
    }

    /** The answer is complete, but not with the client yet where that reads slowly. */
    private void ended(RoutingContext ctx) {
        Channel channel = ((ConnectionBase) ctx.request().connection()).channel();
        ChannelOutboundBuffer leaving = channel.unsafe().outboundBuffer();
        if (bytes <= SMALL || leaving == null || leaving.totalPendingWriteBytes() == 0) {
            budget.giveBack(share, bytes);
            return;
        }
        long timer = ctx.vertx().setTimer(patienceMillis, late -> channel.close());
        // It comes after all that there is to send.
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            ctx.vertx().cancelTimer(timer);
            budget.giveBack(share, bytes);
        });
    }
}
