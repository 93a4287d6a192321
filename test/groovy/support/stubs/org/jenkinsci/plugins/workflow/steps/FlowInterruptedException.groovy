package org.jenkinsci.plugins.workflow.steps

/** Stands for what Jenkins throws into a build that is aborted. */
class FlowInterruptedException extends Exception {
    FlowInterruptedException(String message) {
        super(message)
    }
}
