package dev.holdfast.problem;

import java.util.Map;

/**
 * A failure as it goes over the wire.
 *
 * @param headers without {@code x-request-id}, which every answer has anyway
 * @param body the error as JSON in UTF-8
 */
public record Answer(int status, Map<String, String> headers, byte[] body) {}
