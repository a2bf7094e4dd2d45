package dev.holdfast.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All keys and projects as they were at one moment. Immutable; the next one replaces it.
 *
 * @param checkedAt when PostgreSQL last said that it is still so, on the clock of {@link System#nanoTime()}
 */
record KeySnapshot(Map<Hash, Grant> keys, Set<String> projects, long checkedAt) {

    KeySnapshot {
        keys = Map.copyOf(keys);
        projects = Set.copyOf(projects);
    }

    KeySnapshot stillSo(long now) {
        return new KeySnapshot(keys, projects, now);
    }

    /**
     * What a key gives.
     *
     * @param expiresAt from when on it no longer does, in seconds since 1970; null for never
     */
    record Grant(Principal principal, @Nullable Long expiresAt) {}

    /** The SHA-256 of a key. Two are compared in constant time; where in the map they lie tells nothing of the key. */
    record Hash(byte[] bytes) {

        static final int LENGTH = 32;

        Hash {
            if (bytes.length != LENGTH) {
                throw new IllegalArgumentException("A SHA-256 has 32 bytes, not " + bytes.length);
            }
        }

        static Hash of(String key) {
            try {
                return new Hash(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java platform has SHA-256", e);
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Hash hash && MessageDigest.isEqual(bytes, hash.bytes);
        }

        @Override
        public int hashCode() {
            return bytes[0] << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
        }
    }
}
