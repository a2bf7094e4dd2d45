package dev.holdfast.inbox;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.Idempotency;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.Parsing;
import dev.holdfast.http.SortableId;
import dev.holdfast.identity.Caller;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** {@code /v1/inbox/{source}}: takes a message, by a key of the source's project or a signature with the source's secret. */
@Path("/v1/inbox/{source}")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class InboxResource {

    static final String ID_PREFIX = "inm_";

    private final InstantSource clock = InstantSource.system();
    private final SourceRing sources;
    private final Parsing parsing;
    private final InboxRepository inbox;
    private final Arrivals arrivals;
    private final Idempotency idempotency;
    private final Workers workers;
    private final ObjectMapper json;

    InboxResource(
            SourceRing sources,
            Parsing parsing,
            InboxRepository inbox,
            Arrivals arrivals,
            Idempotency idempotency,
            Workers workers,
            ObjectMapper json) {
        this.sources = sources;
        this.parsing = parsing;
        this.inbox = inbox;
        this.arrivals = arrivals;
        this.idempotency = idempotency;
        this.workers = workers;
        this.json = json;
    }

    /**
     * What the sender is told, whenever he sends the message.
     *
     * @param receivedAt in seconds since 1970
     */
    @RegisterForReflection
    @JsonPropertyOrder({"id", "object", "source", "external_id", "received_at"})
    record Accepted(
            String id,
            String source,
            @JsonProperty("external_id") String externalId,
            @JsonProperty("received_at") long receivedAt) {

        @JsonProperty("object")
        String object() {
            return "inbox.message";
        }
    }

    private record Read(
            Message message, byte[] fingerprint, @Nullable String senderMessageId) {}

    /** Accepted, 202, once PostgreSQL has committed it. */
    @POST
    public Uni<Response> accept(@PathParam("source") String name, @Context RoutingContext ctx) {
        SourceRing.Known source = Source.isId(name) ? sources.find(name) : null;
        boolean hasKey = Caller.hasKey(ctx);
        if (source == null || hasKey && !source.project().equals(Caller.of(ctx).project())) {
            throw hasKey ? SourceResource.unknown() : SignatureFilter.wrong();
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return parsing.readKeyed(ctx, body -> read(ctx, source, body, now))
                .flatMap(read -> accept(ctx, source, read.asked(), read.key(), now))
                .map(answer -> Response.accepted(answer).build());
    }

    private Read read(RoutingContext ctx, SourceRing.Known source, byte[] body, Instant now) {
        if (!Caller.hasKey(ctx) && !SignatureFilter.of(ctx).isBy(sources.secrets(source), body)) {
            throw SignatureFilter.wrong();
        }
        return new Read(
                Message.read(body, now.toEpochMilli()),
                sha256(body),
                Signature.senderMessageId(ctx.request().headers()));
    }

    private Uni<Buffer> accept(
            RoutingContext ctx, SourceRing.Known source, Read read, @Nullable IdempotencyKey key, Instant now) {
        Caller caller =
                Caller.hasKey(ctx) ? Caller.of(ctx) : Caller.signed(ctx, source.project(), "source " + source.id());
        // Who writes to the inbox waits for nobody's answer: the project's own requests come first.
        Ticket ticket = Ticket.yielding(caller.project(), "inbox", caller.deadline());
        InboxRepository.Arrival arrival = new InboxRepository.Arrival(
                SortableId.next(ID_PREFIX, now.toEpochMilli()),
                source.id(),
                read.message,
                read.senderMessageId,
                read.fingerprint,
                now);
        Buffer answer = json(arrival.id(), source.id(), read.message.externalId(), now.getEpochSecond());
        return idempotency
                .once(
                        ticket,
                        key,
                        () -> accept(ticket, arrival, key, answer)
                                .map(before -> before == null
                                        ? answer
                                        : json(before.id(), source.id(), before.externalId(), before.receivedAt())))
                .invoke(workers::wake);
    }

    private Uni<InboxRepository.@Nullable Before> accept(
            Ticket ticket, InboxRepository.Arrival arrival, @Nullable IdempotencyKey key, Buffer answer) {
        return key == null
                ? arrivals.accept(ticket, arrival)
                : inbox.accept(ticket, arrival, workers.tellOthers(), key, answer.toString());
    }

    private Buffer json(String id, String source, String externalId, long receivedAt) {
        try {
            return Buffer.buffer(json.writeValueAsBytes(new Accepted(id, source, externalId, receivedAt)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An answer could not be written", e);
        }
    }

    private static byte[] sha256(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
