package dev.holdfast.cli;

import io.quarkus.runtime.Quarkus;
import picocli.CommandLine;

@CommandLine.Command(name = "serve", description = "Serves requests until it is stopped; the default.")
final class Serve implements Runnable {

    @Override
    public void run() {
        if (DevMode.isOn()) {
            DevMode.prepareDatabase();
        } else {
            Target.required();
        }
        Quarkus.run();
    }
}
