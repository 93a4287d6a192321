/** Every `pipeline {}` of vars/ is one that Declarative accepts: it refuses more than Groovy does. */
class DeclarativeSpec extends Spec {
    private static final String OPTIONS = "options { disableConcurrentBuilds() }"

    /** A pipeline that is accepted, with one piece replaced. */
    private String pipelineWith(Map pieces) {
        Map all = [agent: "agent { label config.agent ?: '' }", sections: OPTIONS, stage: "steps { runStage('a', config) }", after: ''] + pieces
        return """
            def call(Map config = [:]) {
                pipeline {
                    ${all.agent}
                    ${all.sections}
                    stages {
                        stage('One') {
                            ${all.stage}
                        }
                        ${all.after}
                    }
                }
            }
        """
    }

    private void accepted(Map pieces) {
        assert DeclarativeRules.refusalsOf(pipelineWith(pieces)) == []: pieces
    }

    private void refused(Map pieces, String part = '') {
        List refusals = DeclarativeRules.refusalsOf(pipelineWith(pieces))
        assert refusals.any { it.contains(part) }: "${pieces} gave ${refusals}"
    }

    void everyPipelineOfTheLibraryIsAccepted() {
        List files = new File(Spec.top, 'vars').listFiles().findAll { it.name.endsWith('.groovy') }
        assert files.sum { DeclarativeRules.countOf(it.text) } >= 9
        files.each { file -> assert DeclarativeRules.refusalsOf(file.text) == []: file.name }
    }

    void aMethodOfAnObjectIsNoArgument() {
        refused(sections: 'options { buildDiscarder(logRotator(numToKeepStr: (config.keepBuilds ?: 30).toString())) }', 'Expected a symbol')
        refused(sections: 'options { timeout(time: config.minutes.toInteger(), unit: "MINUTES") }', 'Expected a symbol')
        refused(sections: "parameters { string(name: 'A', defaultValue: config.site.toString()) }", 'Expected a symbol')
        refused(sections: 'triggers { cron(config.get("schedule")) }', 'Expected a symbol')
        refused(agent: 'agent { label config.agent.trim() }', 'Expected a symbol')
        refused(sections: 'tools { jdk config.jdk.trim() }', 'Expected a symbol')
        refused(sections: 'environment { A = config.site.trim() }', 'environment')
        accepted(sections: 'options { buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}")) }')
        accepted(sections: "options { timeout(time: config.minutes ?: 30, unit: 'MINUTES') }")
        accepted(sections: "triggers { cron(config.schedule ? config.schedule : '') }")
        accepted(sections: "environment { A = \"\${config.site.trim()}\"\n B = credentials('x')\n C = 'a' + \"\${config.site}\" }")
    }

    void sectionsAreKnownAndStandOnce() {
        refused(agent: '', 'no agent')
        refused(sections: 'propertie { }', 'no such section')
        refused(sections: 'options { timestamps() }\n options { timestamps() }', 'has it already')
        refused(sections: 'def x = 1', 'no such section')
        refused(sections: 'if (config.site) { options { timestamps() } }', 'no such section')
        refused(sections: 'options { }', 'empty')
        refused(sections: 'options { timestamps()\n timestamps() }', 'twice')
        refused(sections: 'options { keepForever() }', 'options takes')
        refused(sections: 'options { timeout(time: 1, unit: "HOURS") { } }')
        refused(sections: 'parameters { integer(name: "A") }', 'parameters takes')
        refused(sections: 'triggers { cron("@daily", "@hourly") }', 'one value')
        refused(sections: 'environment { }', 'empty')
        refused(sections: 'environment { A = config.site }', 'environment')
        refused(sections: 'environment { A = credentials(config.id) }', 'environment')
    }

    void literalsHaveTheirType() {
        refused(sections: "options { timeout(time: '30', unit: 'MINUTES') }", 'time must be')
        refused(sections: 'options { buildDiscarder(logRotator(numToKeepStr: 30)) }', 'numToKeepStr must be')
    }

    void anAgentIsOneKind() {
        accepted(agent: 'agent none')
        accepted(agent: 'agent any')
        accepted(agent: "agent { node { label 'x'\n customWorkspace 'y' } }")
        refused(agent: 'agent config.agent', 'agent is')
        refused(agent: "agent 'linux'", 'agent is')
        refused(agent: "agent { label 'x'\n docker 'y' }", 'exactly one')
        refused(agent: 'agent { }', 'exactly one')
        refused(agent: "agent { label 'x', 'y' }", 'one value')
    }

    void stagesAreConstantAndHaveOneBody() {
        refused(stage: '', 'one of them')
        refused(stage: "steps { echo 'a' }\n stages { stage('b') { steps { echo 'c' } } }", 'one of them')
        refused(after: "stage('One') { steps { echo 'a' } }", 'names of their own')
        refused(after: 'stage("${config.site}") { steps { echo "a" } }', 'constant text')
        refused(after: 'for (int i = 0; i < 2; i++) { stage("x") { steps { echo "a" } } }', 'stages only')
        refused(after: "echo 'a'", 'stages only')
        refused(stage: "options { buildDiscarder(logRotator(numToKeepStr: '3')) }\n steps { echo 'a' }", 'options takes')
    }

    void stepsAreCallsByName() {
        refused(stage: 'steps { }', 'empty')
        refused(stage: "steps { def a = 'b' }", 'script {}')
        refused(stage: "steps { if (config.site) { echo 'a' } }", 'script {}')
        refused(stage: 'steps { runStage.command(["a"], config) }', 'Expected a symbol')
        refused(stage: "steps { dir('x') { def a = 1 } }", 'script {}')
        accepted(stage: "steps { dir('x') { echo 'a' }\n script { runStage.command(['a'], config) } }")
    }

    void conditionsAndPostAreKnown() {
        accepted(stage: "when { beforeAgent true\n allOf { expression { config.get('a') }\n not { branch 'b' } } }\n steps { echo 'a' }")
        refused(stage: "when { }\n steps { echo 'a' }", 'empty')
        refused(stage: "when { beforeAgent config.early\n branch 'a' }\n steps { echo 'a' }", 'true or false')
        refused(stage: "when { config.site }\n steps { echo 'a' }", 'no such condition')
        refused(stage: "when { expression config.site }\n steps { echo 'a' }", 'takes a block')
        refused(stage: "when { weather 'fine' }\n steps { echo 'a' }", 'no such condition')
        accepted(sections: "post { always { echo 'a' }\n aborted { script { if (config.a) { echo 'b' } } } }")
        refused(sections: 'post { }', 'empty')
        refused(sections: "post { afterwards { echo 'a' } }", 'no such section')
        refused(sections: "post { always { if (config.a) { echo 'a' } } }", 'script {}')
    }

    void anInputHasAMessage() {
        accepted(stage: "input { message \"Go on with \${config.site}?\"\n submitter 'ada' }\n steps { echo 'a' }")
        refused(stage: "input { ok 'Yes' }\n steps { echo 'a' }", 'no message')
        refused(stage: "input { message 'a'\n colour 'red' }\n steps { echo 'a' }", 'no such section')
    }

    void aPipelineOutsideOfCallIsNotSeen() {
        String moved = pipelineWith([:]).replace('def call(Map', 'def other(Map')
        assert DeclarativeRules.refusalsOf("${moved}\ndef call() { other() }").any { it.contains('first call method') }
        assert DeclarativeRules.refusalsOf(pipelineWith([:]).replace('pipeline {', 'return pipeline {')).any { it.contains('first call method') }
    }
}
