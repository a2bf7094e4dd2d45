package dev.holdfast.cli;

import dev.holdfast.cli.verify.StartupCheck;
import io.quarkus.runtime.Quarkus;
import picocli.CommandLine;

@CommandLine.Command(name = "serve", description = "Serves requests until it is stopped; the default.")
final class Serve implements Runnable {

    /** Quarkus otherwise answers a target that is no URI with a bare 400, before any filter of ours. */
    static final String NO_BARE_400 = "vertx.disableURIValidation";

    @Override
    public void run() {
        System.setProperty(NO_BARE_400, "true");
        boolean dev = DevMode.isOn();
        if (dev) {
            DevMode.prepareDatabase();
            DevMode.prepareKeyset();
        }
        StartupCheck.run(!dev).ifPresent(wrong -> {
            throw new CommandFailure(wrong);
        });
        Quarkus.run();
    }
}
