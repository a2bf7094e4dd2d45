package dev.holdfast.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/**
 * Serves and knows no other command: the main class of the native image, whose compiler wants all that can be reached,
 * and of the libraries of the other commands it would have to be told much.
 */
@QuarkusMain(name = "serve")
public final class ServeOnly {

    private ServeOnly() {}

    public static void main(String... args) {
        System.setProperty(Serve.NO_BARE_400, "true");
        Quarkus.run(args);
    }
}
