import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

/**
 * A stand-in for a Jenkins build: loads vars/, runs declarative pipelines, and writes down every step with the
 * environment that it would have. It does not know CPS; ConventionsSpec looks for what CPS would not bear.
 */
class Jenkins {
    final File top
    /** Every step in order: [name, arguments, env, node]. */
    final List steps = []
    final List echoes = []
    /** Declarative pipelines as they were declared, the last one having run. */
    final List pipelines = []
    Map params = [:]
    Map environment = [BUILD_NUMBER: '41', BUILD_URL: 'https://ci.example/job/acme/41/']
    Map currentBuild = [currentResult: 'SUCCESS', displayName: '#41', description: null]
    Object scm = [userRemoteConfigs: [[url: 'https://git.example/sites.git', credentialsId: 'git-read']],
                  branches: [[name: '*/main']]]
    String checkedOut = 'a' * 40
    /** Files of the agent's workspace and of the library. */
    Map files = [:]
    Map resources = ['understudy/runner.sha256': 'feed\n', 'understudy/runner.cjs': 'the runner',
                     'understudy/jobs/seed.groovy': 'the seed']
    /** Steps of plugins that are not installed. */
    Set missing = []
    /** name → closure(arguments, environment) that answers instead of the usual stand-in. */
    Map answers = [:]
    /** Credentials ids that Jenkins holds; null: all. */
    Set credentials
    List failures = []
    List bound = []
    String nodeName = ''
    Closure onShell
    private final Map loaded = [:]
    /** Compiled once for all cases. */
    private static final Map CLASSES = [:]

    Jenkins(File top) {
        this.top = top
    }

    private static Class compiled(File file) {
        if (!CLASSES.containsKey(file.name)) {
            CLASSES[file.name] = compiler().parseClass(file)
        }
        return CLASSES[file.name]
    }

    private static GroovyClassLoader compiler() {
        CompilerConfiguration configuration = new CompilerConfiguration()
        configuration.scriptBaseClass = 'JenkinsScript'
        ImportCustomizer imports = new ImportCustomizer()
        imports.addImports('com.cloudbees.groovy.cps.NonCPS')
        configuration.addCompilationCustomizers(imports)
        return new GroovyClassLoader(Jenkins.classLoader, configuration)
    }

    /** The instance of a var that this build has; every build has its own. */
    Object variable(String name) {
        File file = new File(top, "vars/${name}.groovy")
        if (!loaded.containsKey(name) && file.file) {
            Script script = compiled(file).newInstance()
            script.binding = new Binding([jenkins: this])
            loaded[name] = script
        }
        return loaded[name]
    }

    /** What was assigned to `env`: it stays for the whole build, and is told to the build that started this one. */
    Map assigned = [:]

    /** env: `env.NAME`, null where there is none. */
    Map getEnv() {
        Map kept = assigned
        return new LinkedHashMap(environment + assigned) {
            @Override
            Object put(Object name, Object value) {
                kept[name] = value
                return super.put(name, value)
            }
        }
    }

    Object getAny() {
        return 'any'
    }

    Object getNone() {
        return 'none'
    }

    List named(String name) {
        return steps.findAll { it.name == name }
    }

    /** Commands of the runner that were run: [['stage', 'sync-content'], …]. */
    List commands() {
        return named('sh').findAll { it.env.UNDERSTUDY_COMMAND }.collect { step ->
            [step.env.UNDERSTUDY_COMMAND] + (1..4).collect { step.env["UNDERSTUDY_ARGUMENT_${it}".toString()] }.findAll()
        }
    }

    Object step(String name, Object[] given) {
        List arguments = given as List
        Object var = variable(name)
        if (var != null) {
            return var.call(*arguments)
        }
        if (name in missing) {
            throw new NoSuchMethodError("No such DSL method '${name}' found among steps")
        }
        steps.add([name: name, arguments: arguments, env: new LinkedHashMap(environment), node: nodeName,
                   bound: new ArrayList(bound)])
        if (answers[name]) {
            return answers[name](*arguments)
        }
        return this."step_${name}"(*arguments)
    }

    // Steps

    void step_echo(String text) {
        echoes.add(text)
    }

    void step_error(String text) {
        throw new StepError(text)
    }

    Object step_sh(Map arguments) {
        Object answer = onShell ? onShell(arguments, environment) : 0
        return arguments.returnStatus ? answer : null
    }

    Object step_withEnv(List values, Closure body) {
        Map before = environment
        environment = new LinkedHashMap(before)
        for (Object value in values) {
            List parts = value.toString().split('=', 2) as List
            environment[parts[0]] = parts[1]
        }
        try {
            return body()
        } finally {
            environment = before
        }
    }

    Object step_withCredentials(List bindings, Closure body) {
        for (Map one in bindings) {
            if (credentials != null && !(one.credentialsId in credentials)) {
                throw new StepError("Could not find credentials entry with ID '${one.credentialsId}'")
            }
        }
        List before = bound
        bound = before + bindings
        try {
            return body()
        } finally {
            bound = before
        }
    }

    Map step_sshUserPrivateKey(Map arguments) {
        return arguments + [kind: 'sshUserPrivateKey']
    }

    Map step_usernamePassword(Map arguments) {
        return arguments + [kind: 'usernamePassword']
    }

    Map step_file(Map arguments) {
        return arguments + [kind: 'file']
    }

    Map step_string(Map arguments) {
        return arguments.containsKey('name') ? [type: 'text'] + arguments : arguments + [kind: 'string']
    }

    void step_sleep(Map arguments) {
    }

    void step_publishHTML(Map arguments) {
    }

    Object step_dir(String path, Closure body) {
        return body()
    }

    Object step_timeout(Map arguments, Closure body) {
        return body()
    }

    Object step_node(String label, Closure body) {
        String before = nodeName
        Map environmentBefore = environment
        nodeName = label ?: 'agent'
        environment = environment + [NODE_NAME: nodeName, WORKSPACE: "/agent/${nodeName}".toString()]
        try {
            return body()
        } finally {
            nodeName = before
            environment = environmentBefore
        }
    }

    Map step_checkout(Object what) {
        String asked = what instanceof Map && what['$class'] ? what.branches[0].name : ''
        return [GIT_COMMIT: asked ==~ /[0-9a-f]{7,64}/ ? asked : checkedOut]
    }

    boolean step_fileExists(String path) {
        return files.containsKey(path)
    }

    String step_readFile(Map arguments) {
        return files[arguments.file]
    }

    void step_writeFile(Map arguments) {
        files[arguments.file] = arguments.text
    }

    String step_libraryResource(String path) {
        assert resources.containsKey(path)
        return resources[path]
    }

    void step_archiveArtifacts(Map arguments) {
    }

    void step_junit(Map arguments) {
    }

    Object step_input(Map arguments) {
        return 'ada'
    }

    Object step_stage(String name, Closure body) {
        return body()
    }

    void step_jobDsl(Map arguments) {
    }

    Object step_build(Map arguments) {
        return [result: 'SUCCESS', absoluteUrl: "https://ci.example${arguments.job}/1/", description: null]
    }

    /** Branches take turns; here one ends before the next begins. */
    void step_parallel(Map branches) {
        branches.findAll { it.value instanceof Closure }.each { name, branch -> branch() }
    }

    Map step_booleanParam(Map arguments) {
        return [type: 'boolean'] + arguments
    }

    void step_pipeline(Closure body) {
        DeclarativePipeline declared = new DeclarativePipeline(this)
        pipelines.add(declared)
        declared.declare(body)
        declared.run()
    }
}
