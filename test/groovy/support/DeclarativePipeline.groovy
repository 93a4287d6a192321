import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** Reads `pipeline { … }` and runs it as Jenkins does: agent, when, steps, and `post` however it ended. */
class DeclarativePipeline {
    final Jenkins jenkins
    Object agentValue
    List parameterList = []
    List optionList = []
    List triggerList = []
    List stageList = []
    Map postMap = [:]
    List ran = []
    List skipped = []

    DeclarativePipeline(Jenkins jenkins) {
        this.jenkins = jenkins
    }

    void declare(Closure body) {
        inside(body, new Block(
            agent: { Object value -> agentValue = agentOf(value) },
            parameters: { Closure block -> parameterList = collected(block) },
            options: { Closure block -> optionList = collected(block) },
            triggers: { Closure block -> triggerList = collected(block) },
            stages: { Closure block -> inside(block, new Block(stage: { String name, Closure one -> stageList.add(stageOf(name, one)) })) },
            post: { Closure block -> postMap = conditionsOf(block) },
        ))
    }

    void run() {
        Throwable failure = null
        onAgent(agentValue) {
            try {
                for (Map stage in stageList) {
                    runStage(stage)
                }
            } catch (Throwable problem) {
                failure = problem
                jenkins.failures.add(problem)
                jenkins.currentBuild.currentResult = problem instanceof FlowInterruptedException ? 'ABORTED' : 'FAILURE'
            }
            postMap.always?.call()
        }
        if (failure != null) {
            throw failure
        }
    }

    private void runStage(Map stage) {
        onAgent(stage.agent) {
            if (stage.when != null && !stage.when()) {
                skipped.add(stage.name)
                return
            }
            ran.add(stage.name)
            stage.steps()
        }
    }

    private void onAgent(Object agent, Closure work) {
        if (agent == null || agent == 'none') {
            work()
        } else {
            jenkins.step_node(agent == 'any' ? '' : agent.toString(), work)
        }
    }

    private Map stageOf(String name, Closure body) {
        Map stage = [name: name]
        inside(body, new Block(
            agent: { Object value -> stage.agent = agentOf(value) },
            when: { Closure block -> inside(block, new Block(expression: { Closure test -> stage.when = test })) },
            steps: { Closure block -> stage.steps = { inside(block, new Block(script: { Closure script -> script() })) } },
        ))
        return stage
    }

    private Map conditionsOf(Closure body) {
        Map conditions = [:]
        inside(body, new Block(always: { Closure block ->
            conditions.always = { inside(block, new Block(script: { Closure script -> script() })) }
        }))
        return conditions
    }

    private Object agentOf(Object value) {
        if (!(value instanceof Closure)) {
            return value
        }
        Object label = null
        inside(value, new Block(label: { Object text -> label = text ?: 'any' }))
        return label
    }

    /** Calls in a block, as [name, arguments]. */
    private List collected(Closure body) {
        List calls = []
        body.delegate = new Collector(calls: calls)
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body()
        return calls
    }

    private void inside(Closure body, Block block) {
        body.delegate = block
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body()
    }
}

/** The words that a block knows; everything else is a step or a var. */
class Block {
    Map words

    Block(Map words) {
        this.words = words
    }

    Object invokeMethod(String name, Object arguments) {
        if (!words.containsKey(name)) {
            throw new MissingMethodException(name, Block, arguments as Object[])
        }
        return words[name].call(*(arguments as List))
    }
}

class Collector {
    List calls

    Object invokeMethod(String name, Object arguments) {
        List given = arguments as List
        Map call = [name: name, arguments: given.size() == 1 ? given[0] : given]
        calls.add(call)
        return call
    }
}
