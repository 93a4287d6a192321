package org.jenkinsci.plugins.workflow.steps

/** Stands for what Jenkins throws into a build that is aborted. */
class FlowInterruptedException extends Exception {
    /** null: as in the sandbox, which refuses to show them. */
    private final List told

    FlowInterruptedException(String message, List causes = []) {
        super(message)
        told = causes
    }

    List getCauses() {
        if (told == null) {
            throw new SecurityException('Scripts not permitted to use method FlowInterruptedException getCauses')
        }
        return told
    }
}
