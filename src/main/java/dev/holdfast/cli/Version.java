package dev.holdfast.cli;

import picocli.CommandLine;

/** The version that the build wrote into the artefact. */
final class Version implements CommandLine.IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"holdfast " + Main.class.getPackage().getImplementationVersion()};
    }
}
