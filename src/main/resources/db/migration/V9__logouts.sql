-- Sessions of the admin page that were ended by a log-out, until they would have ended anyway.
CREATE TABLE admin_logouts (
    id text PRIMARY KEY,
    until timestamptz NOT NULL
);
