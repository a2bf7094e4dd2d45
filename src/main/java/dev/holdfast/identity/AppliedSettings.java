package dev.holdfast.identity;

/**
 * The settings of a user as they apply to what he sends. They are looked up by the statement that stores it, and stored with
 * it: from then on they travel as a column, so no thread, worker or replica can lose them, and a change that comes later does
 * not reach back. Whatever stores something of a user's, be it asked to by a request or by a queue, takes them from here.
 */
public final class AppliedSettings {

    private AppliedSettings() {}

    /**
     * An expression of type {@code json}: {@code {language, time_zone, metadata, version}}, or null where the user has none.
     *
     * @param project an SQL expression for the project's id
     * @param user one for the user's external id
     */
    public static String of(String project, String user) {
        return """
                (SELECT json_build_object('language', u.language, 'time_zone', u.time_zone, 'metadata', u.metadata,
                        'version', u.version)
                 FROM user_settings u WHERE u.project_id = %s AND u.external_id = %s)""".formatted(project, user);
    }
}
