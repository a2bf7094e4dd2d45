package dev.holdfast.testkit;

import org.eclipse.microprofile.config.ConfigProvider;

/** Addresses on the management interface of the service under test. */
public final class Management {

    private Management() {}

    public static String url(String path) {
        return "http://localhost:" + ConfigProvider.getConfig().getValue("quarkus.management.port", Integer.class)
                + path;
    }
}
