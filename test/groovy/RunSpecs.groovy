// Runs every spec in test/groovy/spec and counts its cases.
Spec.top = new File(args[0])
List words = args.drop(1) as List
int passed = 0
int failed = 0
new File(Spec.top, 'test/groovy/spec').listFiles().sort { it.name }.each { file ->
    if (words && !words.any { file.name.contains(it) }) {
        return
    }
    Class type = getClass().classLoader.loadClass(file.name - '.groovy')
    type.declaredMethods.findAll { it.parameterCount == 0 && it.returnType == void && !it.synthetic && it.name != 'setUp' }
        .sort { it.name }.each { method ->
            Spec spec = type.newInstance()
            try {
                spec.setUp()
                method.invoke(spec)
                passed++
            } catch (Throwable thrown) {
                Throwable problem = thrown instanceof java.lang.reflect.InvocationTargetException ? thrown.cause : thrown
                failed++
                println "FAILED ${type.simpleName}: ${method.name.replaceAll(/([A-Z])/, ' $1').toLowerCase()}"
                println "  ${problem.toString().readLines().join('\n  ')}"
                problem.stackTrace.findAll { it.fileName?.endsWith('.groovy') }.take(6).each { println "    at ${it.fileName}:${it.lineNumber}" }
            }
        }
}
println "${passed} passed, ${failed} failed"
System.exit(failed == 0 && passed > 0 ? 0 : 1)
