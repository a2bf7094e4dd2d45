package dev.holdfast.llmconfig.probe;

import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Where an address leads, as far as it matters for who may be sent there (IANA's special-purpose registries). */
enum AddressKind {
    /** Anywhere in the internet. */
    PUBLIC,
    /** Networks of their owner: private, shared by a carrier (CGNAT), unique-local. */
    PRIVATE,
    /** This host. */
    LOOPBACK,
    /** Never a provider: clouds' metadata and link-local addresses, multicast, reserved and retired ranges. */
    NEVER;

    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private record Range(int bytes, BigInteger network, int free, AddressKind kind) {

        boolean holds(byte[] address) {
            return address.length == bytes
                    && new BigInteger(1, address).xor(network).bitLength() <= free;
        }
    }

    /** In order: the first that holds an address says what it is. */
    private static final List<Range> RANGES = Stream.of(
                    // Metadata services in ranges that may be allowed, or public: Alibaba's, Azure's, Google's,
                    // Amazon's.
                    ranges(NEVER, "100.100.100.200/32", "168.63.129.16/32", "fd20:ce::254/128", "fd00:ec2::/32"),
                    ranges(LOOPBACK, "127.0.0.0/8", "::1/128"),
                    ranges(PRIVATE, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
                    ranges(NEVER, "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"),
                    ranges(NEVER, "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
                    // Teredo and other protocols' own, documentation, 6to4.
                    ranges(NEVER, "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
                    ranges(PUBLIC, "0.0.0.0/0", "2000::/3"))
            .flatMap(ranges -> ranges)
            .toList();

    private static Stream<Range> ranges(AddressKind kind, String... blocks) {
        return Arrays.stream(blocks).map(block -> {
            int slash = block.indexOf('/');
            byte[] network = NetUtil.createByteArrayFromIpAddressString(block.substring(0, slash));
            int free = 8 * network.length - Integer.parseInt(block.substring(slash + 1));
            return new Range(network.length, new BigInteger(1, network), free, kind);
        });
    }

    static AddressKind of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == IPV6_BYTES && isIpv4Within(ByteBuffer.wrap(bytes))) {
            return of(ipv4(Arrays.copyOfRange(bytes, IPV6_BYTES - IPV4_BYTES, IPV6_BYTES)));
        }
        return RANGES.stream()
                .filter(range -> range.holds(bytes))
                .findFirst()
                .map(Range::kind)
                .orElse(NEVER);
    }

    /** IPv4-mapped (::ffff:0:0/96), or NAT64 (64:ff9b::/96), by which hosts with IPv6 alone reach the rest of the internet. */
    private static boolean isIpv4Within(ByteBuffer address) {
        long first = address.getLong();
        int next = address.getInt();
        return first == 0 && next == 0xffff || first == 0x0064_ff9b_0000_0000L && next == 0;
    }

    private static InetAddress ipv4(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("Four bytes are an address", e);
        }
    }
}
