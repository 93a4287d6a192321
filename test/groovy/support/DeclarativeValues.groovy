import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*

/** What may stand as a value in a section of a `pipeline {}`, and how such a section is read. See DeclarativeRules. */
class DeclarativeValues {
    /** What a literal must be: Jenkins converts none of these at run time. Everything that is no literal passes. */
    private static final Map TYPES = [
        time: Integer, unit: String, numToKeepStr: String, artifactNumToKeepStr: String, daysToKeepStr: String, name: String,
        description: String, trim: Boolean,
    ]

    final List refusals = []

    void agent(MethodCallExpression call) {
        Expression first = argumentsOf(call)[0]
        if (!(first instanceof ClosureExpression)) {
            String word = first instanceof VariableExpression ? first.name : first instanceof ConstantExpression ? first.value : ''
            if (argumentsOf(call).size() != 1 || !(word in ['any', 'none'])) {
                refuse(call, 'agent is any, none or one block')
            }
            return
        }
        List inside = statementsOf(call)
        if (inside.size() != 1) {
            refuse(call, 'agent takes exactly one kind')
        }
        pairs(call)
    }

    /** `name value` lines; a value may be a block of such lines. */
    void pairs(MethodCallExpression call) {
        statementsOf(call).each { statement ->
            MethodCallExpression pair = stepOf(statement, call.methodAsString)
            List given = pair == null ? [] : argumentsOf(pair)
            if (given.size() != 1) {
                refuse(statement, "${call.methodAsString} takes lines of a name and one value")
            } else if (given[0] instanceof ClosureExpression) {
                pairs(pair)
            } else {
                argument(given[0])
            }
        }
    }

    void environment(MethodCallExpression call) {
        statementsOf(call).each { statement ->
            Expression expression = statement instanceof ExpressionStatement ? statement.expression : null
            if (!(expression instanceof BinaryExpression) || expression.operation.text != '=' ||
                !(expression.leftExpression instanceof VariableExpression)) {
                refuse(statement, 'environment takes NAME = value')
            } else {
                environmentValue(expression.rightExpression)
            }
        }
        statementsOf(call) ?: refuse(call, 'environment is empty')
    }

    void environmentValue(Expression value) {
        if (value instanceof BinaryExpression && value.operation.text == '+') {
            environmentValue(value.leftExpression)
            environmentValue(value.rightExpression)
        } else if (value instanceof MethodCallExpression) {
            boolean simple = argumentsOf(value).every { it instanceof ConstantExpression || it instanceof GStringExpression }
            if (!value.implicitThis || (value.methodAsString == 'credentials' && !simple)) {
                refuse(value, 'a value of environment is a text, or credentials of a text')
            }
        } else if (!(value instanceof ConstantExpression || value instanceof GStringExpression)) {
            refuse(value, 'a value of environment is a text, or credentials of a text')
        }
    }

    /** options, parameters, triggers: calls of known symbols. */
    void calls(MethodCallExpression call, String section, List names) {
        if (call == null) {
            return
        }
        List seen = statementsOf(call).collect { statement ->
            MethodCallExpression one = stepOf(statement, section)
            if (one == null || !(one.methodAsString in names)) {
                refuse(statement, "${section} takes calls of ${names.join(', ')}")
                return null
            }
            symbol(one)
            return section == 'parameters' ? null : one.methodAsString
        }
        if (!seen || seen.findAll().toSet().size() != seen.findAll().size()) {
            refuse(call, "${section} is empty or names one twice")
        }
    }

    void symbol(MethodCallExpression call) {
        List given = argumentsOf(call)
        boolean named = given.any { it instanceof MapExpression }
        if (given.size() > 1) {
            refuse(call, "${call.methodAsString} takes names with values, or one value")
        }
        given.each { one ->
            if (named && one instanceof MapExpression) {
                one.mapEntryExpressions.each { entry ->
                    argument(entry.valueExpression)
                    literal(entry)
                }
            } else {
                argument(one)
            }
        }
    }

    void literal(MapEntryExpression entry) {
        Class type = TYPES[entry.keyExpression.text]
        if (type != null && entry.valueExpression instanceof ConstantExpression && !isLiteral(entry.valueExpression, type)) {
            refuse(entry.valueExpression, "${entry.keyExpression.text} must be a ${type.simpleName}")
        }
    }

    /** A constant, a text, a variable or property, `?:`, or a symbol with arguments; never a method of an object. */
    void argument(Expression expression) {
        if (expression instanceof ClosureExpression) {
            refuse(expression, 'an argument is no block')
        } else if (expression instanceof MethodCallExpression) {
            if (!expression.implicitThis || expression.methodAsString == null) {
                refuse(expression, 'Expected a symbol: a method of an object is no argument; write "${…}"')
            } else {
                symbol(expression)
            }
        }
    }

    /** A call of a name, as `this.name(…)` without `this`; null for everything else. */
    MethodCallExpression stepOf(Statement statement, String place) {
        Expression expression = statement instanceof ExpressionStatement ? statement.expression : null
        if (!(expression instanceof MethodCallExpression)) {
            return null
        }
        if (!expression.implicitThis || expression.methodAsString == null) {
            // `steps` of the real parser calls this an error as well: a method of an object is no step.
            refuse(statement, "Expected a symbol in ${place}")
            return null
        }
        return expression
    }

    static List statementsOf(MethodCallExpression call) {
        List given = argumentsOf(call)
        if (!given || !(given.last() instanceof ClosureExpression)) {
            return []
        }
        Statement code = given.last().code
        return code instanceof BlockStatement ? code.statements : [code]
    }

    static List argumentsOf(MethodCallExpression call) {
        return call.arguments instanceof TupleExpression ? call.arguments.expressions : [call.arguments]
    }

    static boolean isLiteral(Object expression, Class type) {
        return expression instanceof ConstantExpression && type.isInstance(expression.value)
    }

    void refuse(Object node, String sentence) {
        refusals.add("line ${node.lineNumber}: ${sentence}".toString())
    }
}
