package dev.holdfast.conversation;

/** Shortens what a client sent for a message. */
final class Quoted {

    private static final int LONGEST = 64;

    private Quoted() {}

    static String of(String sent) {
        return sent.length() <= LONGEST ? sent : sent.substring(0, LONGEST) + "...";
    }
}
