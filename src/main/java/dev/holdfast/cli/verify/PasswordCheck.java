package dev.holdfast.cli.verify;

/** The file that the password comes from, if it does. */
final class PasswordCheck implements Check {

    @Override
    public String name() {
        return "password";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        String trouble = subject.passwordTrouble();
        String key = subject.key("holdfast.db.password-file");
        if (trouble == null) {
            return;
        }
        if (subject.settings().elsewhere()) {
            findings.info(key, "names a file that is not here to be looked at");
        } else {
            findings.error(key, "can't be used: " + trouble, "put the file there, and let the service's user read it");
        }
    }
}
