package dev.holdfast.cli.verify;

import static java.util.stream.Collectors.joining;

import java.net.InetAddress;
import java.util.List;

/** Whether something answers at every address that the host's name has. */
final class ReachCheck implements Check {

    @Override
    public String name() {
        return "reach";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Network network = subject.network();
        List<InetAddress> silent = network.addresses().stream()
                .filter(address -> !address.answers())
                .map(Network.Address::address)
                .toList();
        String addresses = silent.stream().map(InetAddress::getHostAddress).collect(joining(", "));
        if (network.unknown()) {
            findings.error("DATABASE_URL", "has a host that is unknown here", "mend the name, or this machine's DNS");
        } else if (!network.isReached()) {
            findings.error(
                    "DATABASE_URL",
                    "has a host where nothing answers on the port (" + addresses + ")",
                    "mend host and port, or what is in between: a firewall, a NetworkPolicy");
        } else if (!silent.isEmpty()) {
            findings.warning(
                    "DATABASE_URL",
                    "has a host with addresses where nothing answers (" + addresses + "); the service may choose one",
                    "take them out of DNS, or name an address");
        } else {
            findings.info("server", "answers at all " + network.addresses().size() + " address(es) of its host");
        }
    }
}
