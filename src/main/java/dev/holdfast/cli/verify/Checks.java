package dev.holdfast.cli.verify;

import java.util.List;

/** All checks. To add one is to write its class and to name it here; deploy/verifying.md says what each is for. */
final class Checks {

    /** They look at the configuration alone; start-up runs them too. */
    static final List<Check> OFFLINE = List.of(
            new NamesCheck(),
            new AddressCheck(),
            new PasswordCheck(),
            new ValuesCheck(),
            new RangesCheck(),
            new DuplicatesCheck(),
            new EncryptionCheck(),
            new CertificatesCheck(),
            new KeysCheck(),
            new KeysetCheck(),
            new UnitsCheck(),
            new TimeoutsCheck(),
            new QueueCheck(),
            new PoolSizeCheck(),
            new DurabilityCheck(),
            new LogCheck(),
            new LoadCheck());

    /** They look at what {@link Network} has found. */
    static final List<Check> NETWORK = List.of(new ReachCheck(), new TlsCheck(), new LoginCheck());

    /** They ask PostgreSQL. */
    static final List<Check> SERVER = List.of(
            new ServerCheck(),
            new PoolerCheck(),
            new CapacityCheck(),
            new UseCheck(),
            new MigrationsCheck(),
            new PrivilegesCheck(),
            new SessionCheck(),
            new ClockCheck());

    private Checks() {}
}
