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

    void shellTextIsConstant() {
        each { name, code ->
            assert !(code =~ /script: *"/).find(): "${name}: a shell text in double quotes"
            assert !(code =~ /\bsh *\(? *['"]/).find(): "${name}: sh without script:"
            assert !(code =~ /\bscript: (?!')/).find(): "${name}: a shell text that is no single-quoted constant"
        }
    }

    void nothingThatTheSandboxRefuses() {
        List refused = [
            /new File\b/, /@Grab/, /System\.getenv/, /System\.out/, /\.execute\(/, /\.rawBuild/, /Jenkins\.(instance|get)\b/,
            /env\.getEnvironment/, /JsonSlurperClassic/, /snakeyaml/, /new (IllegalArgument|IllegalState|Runtime)Exception/,
            /Instant\.now/, /MessageDigest/, /encodeBase64/, /withIndex/, /\bsum *\{/, /^ *enum /, /findFiles\(.*\)\*/, /URL\(.*\)\.text/,
            /\bprintln\b/, /Thread\./, /\.metaClass/, /GroovyShell/, /evaluate\(/, /Math\./, /intdiv/, /readLines/, /\.class\b/,
        ]
        each { name, code ->
            refused.each { pattern -> assert !(code =~ "(?m)${pattern}").find(): "${name}: ${pattern}" }
        }
    }

    void nothingThatCpsBreaks() {
        each { name, code ->
            assert !(code =~ /\w\*\.\w/).find(): "${name}: the spread operator does not compile"
            List methods = methodsOf(code)
            assert methods: name
            methods.findAll { !it.nonCps }.each { method ->
                assert !(method.body =~ /\.(sort|unique|toSorted|min|max|groupBy|inject|collectEntries)\b *[({]/).find():
                    "${name}.${method.name}: sort and unique return garbage outside of @NonCPS"
                assert !(method.body =~ /\bfor *\([^;]*\bin\b|\bfor *\([^;]*:[^;]*\)/).find():
                    "${name}.${method.name}: such a loop does not survive a step"
                assert !(method.body =~ /=~/).find(): "${name}.${method.name}: a Matcher does not survive a step"
                assert !method.body.contains('JsonSlurper'): "${name}.${method.name}: a JsonSlurper result does not survive a step"
            }
        }
    }

    void methodsWithoutCpsCallNoStepAndNoOtherMethod() {
        List steps = ['sh', 'echo', 'error', 'node', 'dir', 'withEnv', 'withCredentials', 'readFile', 'writeFile', 'fileExists',
                      'checkout', 'input', 'timeout', 'build', 'parallel', 'stage', 'libraryResource', 'archiveArtifacts', 'junit']
        each { name, code ->
            List methods = methodsOf(code)
            List cps = methods.findAll { !it.nonCps }*.name
            methods.findAll { it.nonCps }.each { method ->
                (steps + cps).each { step ->
                    assert !(method.body =~ "(?<![.\\w])${step} *\\(").find(): "${name}.${method.name} calls ${step}"
                }
            }
        }
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

    void noCredentialOrParameterStandsInADoubleQuotedText() {
        each { name, code ->
            assert !(code =~ /"[^"\n]*\$\{?params/).find(): name
            assert !(code =~ /"[^"\n]*\$\{?env\.UNDERSTUDY_CREDENTIAL/).find(): name
        }
    }

    void catchingExceptionsLetsInterruptionsThroughFirst() {
        each { name, code ->
            int all = (code =~ /catch \(Exception /).count
            int guarded = (code =~ /(?s)catch \(FlowInterruptedException interruption\) \{\s*throw interruption\s*\} catch \(Exception /).count
            assert all == guarded: name
            assert !(code =~ /catch \(Throwable|catch \(Error|finally/).find(): name
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
