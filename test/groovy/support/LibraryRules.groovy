import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.ModuleNode
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.control.Phases

/**
 * What a file of vars/ must not hold, although plain Groovy runs it: CPS breaks it, the sandbox refuses it, or a build
 * that is stopped goes on. Facts: a Jenkins 2.479 with workflow-cps 4014. Looks at the syntax tree, so text in strings
 * and comments does not matter.
 */
class LibraryRules extends CodeVisitorSupport {
    private static final List STEPS = ['archiveArtifacts', 'build', 'checkout', 'dir', 'echo', 'error', 'fileExists', 'input', 'jobDsl', 'junit',
                                       'libraryResource', 'node', 'parallel', 'publishHTML', 'readFile', 'sh', 'sleep', 'stage', 'timeout',
                                       'withCredentials', 'withEnv', 'writeFile']
    private static final List GARBAGE = ['sort', 'toSorted', 'unique', 'toUnique', 'min', 'max', 'groupBy', 'inject', 'collectEntries']
    private static final List IMPORTS = ['groovy.json.JsonOutput', 'groovy.json.JsonSlurper', 'groovy.transform.Field',
                                         'com.cloudbees.groovy.cps.NonCPS', 'org.jenkinsci.plugins.workflow.steps.FlowInterruptedException']
    private static final List CONSTRUCTED = ['Exception', 'JsonSlurper', 'Date']
    private static final List CLASSES = ['JsonOutput', 'Map', 'NoSuchMethodError', 'FlowInterruptedException']
    private static final List REFUSED = ['execute', 'rawBuild', 'getRawBuild', 'getEnvironment', 'metaClass', 'getMetaClass', 'class', 'getClass',
                                         'withIndex', 'sum', 'encodeBase64', 'evaluate', 'println', 'print', 'intdiv', 'readLines', 'findFiles']
    private static final List CAUGHT = ['FlowInterruptedException', 'Exception', 'NoSuchMethodError']

    private final List refusals = []
    private final List cpsMethods
    private final List vars
    private boolean nonCps

    private LibraryRules(List cpsMethods, List vars) {
        this.cpsMethods = cpsMethods
        this.vars = vars
    }

    /**
     * @param vars names of the library's vars
     * @return what is refused, as sentences with a line
     */
    static List refusalsOf(String text, List vars) {
        ModuleNode module = SyntaxTree.of(text, Phases.SEMANTIC_ANALYSIS)
        List methods = module.methods
        LibraryRules rules = new LibraryRules(methods.findAll { !isNonCps(it) }*.name, vars)
        (module.imports + module.staticImports.values()).findAll { !(it.type.name in IMPORTS) || it.static }
            .each { rules.refuse(it, "import of ${it.type.name}") }
        (module.starImports + module.staticStarImports.values()).each { rules.refuse(it, 'import of everything') }
        module.imports.findAll { it.annotations }.each { rules.refuse(it, 'an annotation such as @Grab') }
        module.classes.drop(1).each { rules.refuse(it, 'a class or enum of its own') }
        methods.each { method ->
            rules.nonCps = isNonCps(method)
            method.code.visit(rules)
        }
        return rules.refusals
    }

    private static boolean isNonCps(MethodNode method) {
        return method.annotations.any { it.classNode.nameWithoutPackage == 'NonCPS' }
    }

    @Override
    void visitMethodCallExpression(MethodCallExpression call) {
        String name = call.methodAsString
        if (call.spreadSafe) {
            refuse(call, 'the spread operator does not compile')
        }
        if (name in REFUSED && !(call.implicitThis && name in cpsMethods)) {
            refuse(call, "the sandbox refuses ${name}")
        }
        if (!nonCps && name in GARBAGE) {
            refuse(call, "${name} returns garbage outside of @NonCPS")
        }
        if (nonCps && call.implicitThis && (name in STEPS || name in cpsMethods || name in vars)) {
            refuse(call, "@NonCPS calls ${name}")
        }
        if (nonCps && call.objectExpression instanceof VariableExpression && call.objectExpression.name in vars) {
            refuse(call, "@NonCPS calls ${call.objectExpression.name}")
        }
        if (call.implicitThis && name == 'sh') {
            checkShell(call)
        }
        super.visitMethodCallExpression(call)
    }

    /** A shell text is a constant, and no success is 0: Jenkins passes a step that ends with 0 although it was stopped. */
    private void checkShell(MethodCallExpression call) {
        List given = call.arguments instanceof TupleExpression ? call.arguments.expressions : []
        Map named = given.size() == 1 && given[0] instanceof MapExpression ?
            given[0].mapEntryExpressions.collectEntries { [it.keyExpression.text, it.valueExpression] } : [:]
        String script = named.script instanceof ConstantExpression ? named.script.value : ''
        if (!script) {
            refuse(call, 'a shell text is a constant, given as script:')
        } else if (!(script =~ /\b100\b/).find() || script.contains('exec ') || named.returnStatus?.text != 'true') {
            refuse(call, 'a shell step returns its status, and its success is 100')
        }
    }

    @Override
    void visitPropertyExpression(PropertyExpression property) {
        if (property.spreadSafe) {
            refuse(property, 'the spread operator does not compile')
        }
        // The sandbox lets a class be asked for its name, which no step needs.
        if (property.propertyAsString in REFUSED && !(nonCps && property.propertyAsString == 'class')) {
            refuse(property, "the sandbox refuses ${property.propertyAsString}")
        }
        super.visitPropertyExpression(property)
    }

    @Override
    void visitConstructorCallExpression(ConstructorCallExpression call) {
        String name = call.type.nameWithoutPackage
        if (!(name in CONSTRUCTED)) {
            refuse(call, "the sandbox refuses new ${name}")
        }
        if (!nonCps && name == 'JsonSlurper') {
            refuse(call, 'a JsonSlurper result does not survive a step')
        }
        super.visitConstructorCallExpression(call)
    }

    @Override
    void visitClassExpression(ClassExpression expression) {
        if (!(expression.type.nameWithoutPackage in CLASSES)) {
            refuse(expression, "the sandbox refuses ${expression.type.nameWithoutPackage}")
        }
        super.visitClassExpression(expression)
    }

    @Override
    void visitForLoop(ForStatement loop) {
        if (!nonCps && !(loop.collectionExpression instanceof ClosureListExpression)) {
            refuse(loop, 'such a loop does not survive a step')
        }
        super.visitForLoop(loop)
    }

    @Override
    void visitBinaryExpression(BinaryExpression expression) {
        if (!nonCps && expression.operation.text == '=~') {
            refuse(expression, 'a Matcher does not survive a step')
        }
        super.visitBinaryExpression(expression)
    }

    @Override
    void visitGStringExpression(GStringExpression text) {
        text.values.findAll { it instanceof PropertyExpression && it.objectExpression.text == 'params' }
            .each { refuse(text, 'a parameter in a text: it travels as an environment variable') }
        super.visitGStringExpression(text)
    }

    @Override
    void visitTryCatchFinally(TryCatchStatement statement) {
        List types = statement.catchStatements*.exceptionType*.nameWithoutPackage
        types.findAll { !(it in CAUGHT) }.each { refuse(statement, "catches ${it}") }
        // No step runs in @NonCPS, so nothing interrupts it.
        if (!nonCps && 'Exception' in types && types.first() != 'FlowInterruptedException') {
            refuse(statement, 'catches an interruption together with everything else')
        }
        statement.catchStatements.findAll { it.exceptionType.nameWithoutPackage == 'FlowInterruptedException' && !throwsOn(it) }
            .each { refuse(it, 'an interruption is thrown on, untouched') }
        if (!(statement.finallyStatement instanceof EmptyStatement)) {
            refuse(statement, 'finally runs steps in a build that is stopped')
        }
        super.visitTryCatchFinally(statement)
    }

    private static boolean throwsOn(CatchStatement statement) {
        Statement last = statement.code instanceof BlockStatement && statement.code.statements ? statement.code.statements.last() : null
        return last instanceof ThrowStatement && last.expression.text == statement.variable.name
    }

    private void refuse(Object node, String sentence) {
        refusals.add("line ${node.lineNumber}: ${sentence}".toString())
    }
}
