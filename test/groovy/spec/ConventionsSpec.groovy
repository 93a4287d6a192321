/** What every file of vars/ must keep to, so that it runs under CPS and in the sandbox. Facts: a real Jenkins 2.479. */
class ConventionsSpec extends Spec {
    private final List files = new File(Spec.top, 'vars').listFiles().findAll { it.name.endsWith('.groovy') }.sort { it.name }

    /** Text of a file without its comments; strings stay. */
    private String codeOf(File file) {
        return withoutComments(file.text)
    }

    private String withoutComments(String text) {
        return text.replaceAll(/(?s)\/\*.*?\*\//, '').replaceAll(/(?m)(^|\s)\/\/.*$/, '')
    }

    /** [name, body, nonCps] of every method: they begin in the first column and end with a brace there. */
    private List methodsOf(String code) {
        List found = []
        def matcher = code =~ /(?ms)^(@NonCPS\n)?(?:[A-Z]\w*|void|boolean|def|int) (\w+)\([^)]*\) \{\n(.*?)^\}/
        while (matcher.find()) {
            found.add([nonCps: matcher.group(1) != null, name: matcher.group(2), body: matcher.group(3)])
        }
        return found
    }

    private void each(Closure check) {
        assert files.size() >= 10
        files.each { check(it.name, codeOf(it)) }
    }

    void everyVarHasHelp() {
        files.each { file ->
            File help = new File(file.path.replace('.groovy', '.txt'))
            assert help.file && help.text.trim().length() > 80: "${help.name} is missing or empty"
        }
        new File(Spec.top, 'vars').listFiles().findAll { it.name.endsWith('.txt') }.each { help ->
            assert new File(help.path.replace('.txt', '.groovy')).file: "${help.name} helps with nothing"
        }
    }

    private List refusalsOf(String body, String head = 'void call(Map config) {') {
        return LibraryRules.refusalsOf("${head}\n${body}\n}\nvoid other() { echo 'a' }\n", ['runStage', 'understudyAgent'])
    }

    private void refused(String part, String body, String head = 'void call(Map config) {') {
        List refusals = refusalsOf(body, head)
        assert refusals.any { it.contains(part) }: "${body} gave ${refusals}"
    }

    void everyVarKeepsToTheRulesOfCpsAndSandbox() {
        List vars = files*.name.collect { it - '.groovy' }
        files.each { file ->
            List refusals = LibraryRules.refusalsOf(file.text, vars)
            assert refusals == []: "${file.name}: ${refusals}"
        }
    }

    void whatCpsBreaksIsRefused() {
        assert refusalsOf("for (int i = 0; i < 3; i++) { echo 'a' }\nconfig.list.each { echo it }") == []
        refused('spread', 'echo config.list*.name')
        refused('spread', 'config.list*.trim()')
        ['sort { a, b -> a <=> b }', 'sort { it }', 'sort()', 'unique { it }', 'toSorted()', 'max { it }', 'groupBy { it }'].each { call ->
            refused('garbage', "List a = config.list.${call}")
            assert refusalsOf("List a = config.list.${call}", '@NonCPS\nvoid call(Map config) {') == []
        }
        refused('does not survive', 'for (Object one in config.list) { echo one }')
        refused('does not survive', 'for (Object one : config.list) { echo one }')
        refused('Matcher', 'def found = config.text =~ /a/')
        refused('JsonSlurper', 'def read = new groovy.json.JsonSlurper().parseText(config.text)')
    }

    void whatIsWithoutCpsCallsNothingThatIsWith() {
        String head = '@NonCPS\nvoid call(Map config) {'
        assert refusalsOf('List a = config.list.collect { it.toString() }', head) == []
        refused('@NonCPS calls echo', "echo 'a'", head)
        refused('@NonCPS calls sh', "sh script: 'exit 100', returnStatus: true", head)
        refused('@NonCPS calls other', 'other()', head)
        refused('@NonCPS calls runStage', "runStage('a', config)", head)
        refused('@NonCPS calls understudyAgent', 'understudyAgent.isPrepared()', head)
        refused('@NonCPS calls error', 'config.list.each { error(it) }', head)
    }

    void whatTheSandboxRefusesIsRefused() {
        assert refusalsOf("throw new Exception('a')\nString b = new Date().format('yyyy')").empty
        ["new File('a')", "new IllegalArgumentException('a')", "new RuntimeException('a')", 'new groovy.json.JsonSlurperClassic()',
         "System.getenv('A')", "System.out.println('a')", "'id'.execute()", "new URL('https://a').text", 'currentBuild.rawBuild',
         'java.time.Instant.now()', "java.security.MessageDigest.getInstance('SHA-256')", 'env.getEnvironment()',
         "'a'.bytes.encodeBase64()", 'config.list.withIndex()', 'config.list.sum { it }', "println('a')", "evaluate('a')", 'config.class',
         'String.metaClass', 'Math.abs(1)', 'Thread.sleep(1)', "findFiles(glob: '*')*.name", 'Eval.me("1")'].each { code ->
            assert refusalsOf("Object a = ${code}"): code
        }
        ['import java.nio.file.Files', 'import static java.lang.Math.abs', 'import java.util.concurrent.*', 'enum Colour { RED }',
         'class Helper { }', 'import java.util.Random'].each { code ->
            assert LibraryRules.refusalsOf("${code}\nvoid call() {\n}\n", []): code
        }
    }

    void aShellTextIsConstantAndItsSuccessIsNotZero() {
        assert refusalsOf("int a = sh(label: \"a \${config.b}\", returnStatus: true, script: '''true || exit 1\nexit 100''')") == []
        refused('constant', 'sh(script: "echo ${config.a}; exit 100", returnStatus: true)')
        refused('constant', 'sh(script: config.text, returnStatus: true)')
        refused('constant', "sh(script: 'a ' + config.b, returnStatus: true)")
        refused('constant', "sh 'exit 100'")
        refused('success is 100', "sh(script: 'true', returnStatus: true)")
        refused('success is 100', "sh(script: 'exit 100')")
        refused('success is 100', "sh(script: 'exec node a || exit 100', returnStatus: true)")
        refused('parameter', 'echo "run ${params.RUN}"')
    }

    void anInterruptionIsThrownOnUntouched() {
        String guarded = 'catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException stop) {\n'
        assert refusalsOf("try { echo 'a' } ${guarded} throw stop } catch (Exception e) { echo 'b' }") == []
        refused('together with everything', "try { echo 'a' } catch (Exception e) { echo 'b' }")
        refused('thrown on', "try { echo 'a' } ${guarded} echo 'b' }")
        refused('thrown on', "try { echo 'a' } ${guarded} throw new Exception('b') }")
        refused('catches Throwable', "try { echo 'a' } catch (Throwable t) { echo 'b' }")
        refused('finally', "try { echo 'a' } finally { echo 'b' }")
    }

    void pipelinesAreDeclaredInCallAlone() {
        each { name, code ->
            methodsOf(code).each { method ->
                if ((method.body =~ /\bpipeline \{/).find()) {
                    assert method.name == 'call'
                    assert !(method.body =~ /(?s)stages \{[^}]*\bfor\b/).find()
                }
            }
            if (code.contains('pipeline {')) {
                assert code.contains('def call(Map config = [:])'): "${name}: Jenkins looks for def call"
                assert code.length() < 12_000: "${name}: a pipeline becomes one method of at most 64 KB"
            }
        }
    }

    void aVarNeverCallsItselfByName() {
        // Inside its own script the name means the class, not the step.
        files.each { file ->
            String own = file.name - '.groovy'
            assert !(codeOf(file) =~ "(?<![\\w'])${own}[.(]").find(): file.name
        }
    }

    void theRulesFindWhatTheyLookFor() {
        assert methodsOf("@NonCPS\nList a(Map b) {\n    c()\n}\nvoid d() {\n    e()\n}\n")*.name == ['a', 'd']
        assert methodsOf("@NonCPS\nList a(Map b) {\n    c()\n}\n")[0].nonCps
        assert !withoutComments("a // new File\n/* sh */ b 'https://x'").contains('new File')
        assert withoutComments("b 'https://x'").contains('https://x')
    }

    void theSeedScriptIsDataDriven() {
        String seed = new File(Spec.top, 'resources/understudy/jobs/seed.groovy').text
        assert seed.contains('UNDERSTUDY_JOBS')
        // A local variable would hide the block of the same name.
        ['folder', 'definition', 'parameters', 'properties', 'views', 'jobs', 'script'].each { word ->
            assert !(seed =~ "(?m)^ *(def|Map|List|String) ${word}\\b").find()
        }
    }
}
