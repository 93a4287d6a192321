import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.ModuleNode
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.control.Phases

/**
 * What Declarative refuses when a build starts: the rules of ModelParser and ModelValidatorImpl in
 * jenkinsci/pipeline-model-definition-plugin (2.2221), applied to the same syntax tree in the same compiler phase.
 * Plain Groovy would run all of it. Where the parser takes any expression (agent, tools), the rule for the other
 * sections holds here too.
 */
class DeclarativeRules extends DeclarativeValues {
    private static final List SECTIONS = ['agent', 'environment', 'libraries', 'options', 'parameters', 'post', 'stages', 'tools', 'triggers']
    private static final List STAGE_SECTIONS = ['agent', 'environment', 'failFast', 'input', 'matrix', 'options', 'parallel', 'post',
                                                'stages', 'steps', 'tools', 'when']
    private static final List OPTIONS = ['buildDiscarder', 'checkoutToSubdirectory', 'disableConcurrentBuilds', 'disableRestartFromStage',
                                         'disableResume', 'durabilityHint', 'lock', 'newContainerPerStage', 'overrideIndexTriggers',
                                         'parallelsAlwaysFailFast', 'preserveStashes', 'quietPeriod', 'rateLimitBuilds', 'retry',
                                         'skipDefaultCheckout', 'skipStagesAfterUnstable', 'throttle', 'timeout', 'timestamps']
    private static final List STAGE_OPTIONS = ['lock', 'retry', 'skipDefaultCheckout', 'timeout', 'timestamps']
    private static final List PARAMETERS = ['booleanParam', 'choice', 'file', 'password', 'run', 'string', 'text']
    private static final List TRIGGERS = ['cron', 'pollSCM', 'upstream']
    private static final List POST = ['aborted', 'always', 'changed', 'cleanup', 'failure', 'fixed', 'notBuilt', 'regression', 'success',
                                      'unstable', 'unsuccessful']
    private static final List WHEN_NESTED = ['allOf', 'anyOf', 'not']
    private static final List WHEN_FLAGS = ['beforeAgent', 'beforeInput', 'beforeOptions']
    private static final List WHEN = ['branch', 'buildingTag', 'changelog', 'changeRequest', 'changeset', 'environment', 'equals',
                                      'expression', 'isRestartedRun', 'tag', 'triggeredBy']
    private static final List INPUT = ['id', 'message', 'ok', 'parameters', 'submitter', 'submitterParameter']

    /** @return what is refused, as sentences with a line; empty when Jenkins starts every `pipeline {}` in the text */
    static List refusalsOf(String text) {
        DeclarativeRules rules = new DeclarativeRules()
        ModuleNode module = SyntaxTree.of(text, Phases.SEMANTIC_ANALYSIS)
        MethodNode entry = module.methods.find { it.name == 'call' }
        // Jenkins looks into the first method named call alone, and there at calls that are statements of their own.
        List seen = callsIn([entry == null ? module.statementBlock : entry.code], true)
        callsIn([module.statementBlock] + module.methods*.code, false).findAll { !seen.contains(it) }
            .each { rules.refuse(it, 'Declarative does not see a pipeline {} here: it must be a statement of the first call method') }
        seen.each { rules.check(it) }
        return rules.refusals
    }

    /** How many `pipeline {}` there are: a rule that looked at nothing has proven nothing. */
    static int countOf(String text) {
        return callsIn(SyntaxTree.of(text, Phases.SEMANTIC_ANALYSIS).methods*.code, false).size()
    }

    private static List callsIn(List code, boolean statements) {
        List found = []
        CodeVisitorSupport finder = new CodeVisitorSupport() {
            @Override
            void visitExpressionStatement(ExpressionStatement statement) {
                if (statements && isPipeline(statement.expression)) {
                    found.add(statement.expression)
                }
                super.visitExpressionStatement(statement)
            }

            @Override
            void visitMethodCallExpression(MethodCallExpression call) {
                if (!statements && isPipeline(call)) {
                    found.add(call)
                }
                super.visitMethodCallExpression(call)
            }
        }
        code.findAll().each { it.visit(finder) }
        return found
    }

    static boolean isPipeline(Object expression) {
        return expression instanceof MethodCallExpression && expression.implicitThis && expression.methodAsString == 'pipeline'
    }

    void check(MethodCallExpression call) {
        Map sections = sectionsOf(call, 'pipeline', SECTIONS)
        ['agent', 'stages'].findAll { !sections.containsKey(it) }.each { refuse(call, "pipeline has no ${it}") }
        common(sections, OPTIONS)
        calls(sections.triggers, 'triggers', TRIGGERS)
        if (sections.stages) {
            stages(sections.stages)
        }
    }

    private void stages(MethodCallExpression call) {
        List names = []
        statementsOf(call).each { statement ->
            MethodCallExpression stage = stepOf(statement, 'stages')
            if (stage == null || stage.methodAsString != 'stage') {
                refuse(statement, 'stages holds stages only')
                return
            }
            names.add(stageOf(stage))
        }
        if (!names || names.toSet().size() != names.size()) {
            refuse(call, 'stages needs stages with names of their own')
        }
    }

    private String stageOf(MethodCallExpression call) {
        List given = argumentsOf(call)
        if (given.size() != 2 || !(given[0] instanceof ConstantExpression) || !(given[0].value instanceof String)) {
            refuse(call, 'the name of a stage is a constant text')
        }
        Map sections = sectionsOf(call, 'stage', STAGE_SECTIONS)
        common(sections, STAGE_OPTIONS)
        if (['steps', 'stages', 'parallel', 'matrix'].count { sections.containsKey(it) } != 1) {
            refuse(call, 'a stage has steps, stages, parallel or matrix, and one of them')
        }
        if (sections.steps) {
            steps(sections.steps)
        }
        ['stages', 'parallel'].findAll { sections[it] }.each { stages(sections[it]) }
        if (sections.when) {
            conditions(sections.when)
        }
        if (sections.input) {
            input(sections.input)
        }
        if (sections.containsKey('failFast') && !isLiteral(argumentsOf(sections.failFast)[0], Boolean)) {
            refuse(sections.failFast, 'failFast is true or false')
        }
        return given[0] instanceof ConstantExpression ? given[0].value : ''
    }

    /** What a pipeline and a stage have both. */
    private void common(Map sections, List options) {
        if (sections.agent) {
            agent(sections.agent)
        }
        calls(sections.options, 'options', options)
        calls(sections.parameters, 'parameters', PARAMETERS)
        if (sections.environment) {
            environment(sections.environment)
        }
        if (sections.tools) {
            pairs(sections.tools)
        }
        if (sections.post) {
            Map conditions = sectionsOf(sections.post, 'post', POST)
            conditions ?: refuse(sections.post, 'post is empty')
            conditions.each { name, condition -> steps(condition) }
        }
    }

    private void conditions(MethodCallExpression call) {
        List inside = statementsOf(call).findAll { statement ->
            MethodCallExpression one = stepOf(statement, 'when')
            String name = one?.methodAsString
            if (name in WHEN_FLAGS) {
                isLiteral(argumentsOf(one)[0], Boolean) ?: refuse(one, "${name} is true or false")
                return false
            }
            if (name in WHEN_NESTED) {
                conditions(one)
            } else if (!(name in WHEN)) {
                refuse(statement, 'when knows no such condition')
            } else if (name == 'expression' && !(argumentsOf(one)[0] instanceof ClosureExpression)) {
                refuse(one, 'expression takes a block')
            } else if (name != 'expression') {
                symbol(one)
            }
            return true
        }
        inside ?: refuse(call, 'when is empty')
    }

    private void input(MethodCallExpression call) {
        Map fields = sectionsOf(call, 'input', INPUT, false)
        fields.message ?: refuse(call, 'input has no message')
        calls(fields.parameters, 'parameters', PARAMETERS)
        fields.findAll { it.key != 'parameters' }.each { name, field ->
            argumentsOf(field).size() == 1 ?: refuse(field, "${name} takes one value")
        }
    }

    /** Steps are calls by name; everything else stands in script {}. */
    private void steps(MethodCallExpression call) {
        List inside = statementsOf(call)
        inside ?: refuse(call, 'steps is empty')
        inside.each { statement ->
            MethodCallExpression step = stepOf(statement, 'steps')
            if (step == null) {
                refuse(statement, 'Expected a step: other code belongs into script {}')
            } else if (step.methodAsString == 'script' && !(argumentsOf(step)[0] instanceof ClosureExpression)) {
                refuse(statement, 'script takes a block')
            } else if (step.methodAsString != 'script' && argumentsOf(step) && argumentsOf(step).last() instanceof ClosureExpression) {
                steps(step)
            }
        }
    }

    /** @return name → call */
    private Map sectionsOf(MethodCallExpression call, String place, List names, boolean blocks = true) {
        Map found = [:]
        statementsOf(call).each { statement ->
            MethodCallExpression one = stepOf(statement, place)
            String name = one?.methodAsString
            boolean block = one != null && argumentsOf(one) && argumentsOf(one).last() instanceof ClosureExpression
            if (!(name in names) || found.containsKey(name)) {
                refuse(statement, "${place} has no such section, or has it already")
            } else if (blocks && !block && !(name in ['agent', 'failFast'])) {
                refuse(statement, "${name} needs a block")
            } else {
                found[name] = one
            }
        }
        return found
    }
}
