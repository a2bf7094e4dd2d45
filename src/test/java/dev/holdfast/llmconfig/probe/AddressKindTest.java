package dev.holdfast.llmconfig.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressKindTest {

    @ParameterizedTest
    @CsvSource({
        "8.8.8.8, PUBLIC",
        "1.1.1.1, PUBLIC",
        "9.255.255.255, PUBLIC",
        "10.0.0.0, PRIVATE",
        "10.255.255.255, PRIVATE",
        "11.0.0.0, PUBLIC",
        "172.15.255.255, PUBLIC",
        "172.16.0.0, PRIVATE",
        "172.31.255.255, PRIVATE",
        "172.32.0.0, PUBLIC",
        "192.167.255.255, PUBLIC",
        "192.168.0.1, PRIVATE",
        "192.169.0.0, PUBLIC",
        "100.63.255.255, PUBLIC",
        "100.64.0.0, PRIVATE",
        "100.127.255.255, PRIVATE",
        "100.128.0.0, PUBLIC",
        "100.100.100.199, PRIVATE",
        "100.100.100.200, NEVER",
        "168.63.129.15, PUBLIC",
        "168.63.129.16, NEVER",
        "126.255.255.255, PUBLIC",
        "127.0.0.1, LOOPBACK",
        "127.255.255.255, LOOPBACK",
        "0.0.0.0, NEVER",
        "0.1.2.3, NEVER",
        "169.253.255.255, PUBLIC",
        "169.254.0.1, NEVER",
        "169.254.169.254, NEVER",
        "169.254.170.2, NEVER",
        "169.255.0.0, PUBLIC",
        "192.0.0.192, NEVER",
        "192.0.1.0, PUBLIC",
        "192.0.2.1, NEVER",
        "192.88.99.1, NEVER",
        "198.17.255.255, PUBLIC",
        "198.18.0.1, NEVER",
        "198.19.255.255, NEVER",
        "198.51.100.1, NEVER",
        "203.0.113.1, NEVER",
        "223.255.255.255, PUBLIC",
        "224.0.0.1, NEVER",
        "239.255.255.255, NEVER",
        "240.0.0.1, NEVER",
        "255.255.255.255, NEVER",
        "2606:4700::1111, PUBLIC",
        "3ffe::1, PUBLIC",
        "::, NEVER",
        "::1, LOOPBACK",
        "::2, NEVER",
        "::7f00:1, NEVER",
        "::ffff:0:7f00:1, NEVER",
        "fe80::1, NEVER",
        "febf::1, NEVER",
        "fec0::1, NEVER",
        "fc00::1, PRIVATE",
        "fdff:ffff::1, PRIVATE",
        "fd00:ec2::254, NEVER",
        "fd00:ec2::23, NEVER",
        "fd20:ce::254, NEVER",
        "ff02::1, NEVER",
        "100::1, NEVER",
        "2001::1, NEVER",
        "2001:1ff::1, NEVER",
        "2001:200::1, PUBLIC",
        "2001:db8::1, NEVER",
        "2002:a9fe:a9fe::1, NEVER",
        "2002:808:808::1, NEVER",
        "3fff::1, NEVER",
        "4000::1, NEVER",
        "64:ff9b::808:808, PUBLIC",
        "64:ff9b::a00:1, PRIVATE",
        "64:ff9b::7f00:1, LOOPBACK",
        "64:ff9b::a9fe:a9fe, NEVER",
        "64:ff9b:1::a9fe:a9fe, NEVER",
        "::ffff:8.8.8.8, PUBLIC",
        "::ffff:10.0.0.1, PRIVATE",
        "::ffff:169.254.169.254, NEVER",
        // What the platform takes for an address, whatever it looks like.
        "2852039166, NEVER",
        "169.16689662, NEVER",
        "127.1, LOOPBACK",
        "[::1], LOOPBACK"
    })
    void anAddressIsJudgedByItsRange(String address, AddressKind kind) throws UnknownHostException {
        assertThat(AddressKind.of(InetAddress.getByName(address))).isEqualTo(kind);
    }

    /** The platform makes IPv4 addresses of them, but for those that are made by hand. */
    @Test
    void aMappedAddressIsTheOneThatItMaps() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        mapped[12] = (byte) 169;
        mapped[13] = (byte) 254;

        assertThat(AddressKind.of(Inet6Address.getByAddress(null, mapped, -1))).isEqualTo(AddressKind.NEVER);
        mapped[12] = 8;
        assertThat(AddressKind.of(Inet6Address.getByAddress(null, mapped, -1))).isEqualTo(AddressKind.PUBLIC);
    }
}
