import groovy.json.JsonSlurper

/** resources/understudy/jobs/seed.groovy with the jobs of the example sites, and what stands in those jobs. */
class SeedSpec extends Spec {
    private final File folder = new File(Spec.top, 'test/groovy/support')
    private final Map wanted = new JsonSlurper().parse(new File(folder, 'jobs.json'))

    private List seed() {
        JobDslRecorder recorder = new JobDslRecorder()
        Script script = new GroovyShell(Spec.classLoader, new Binding([UNDERSTUDY_JOBS: new File(folder, 'jobs.json').text]))
            .parse(new File(Spec.top, 'resources/understudy/jobs/seed.groovy'))
        recorder.run(script)
        return recorder.items
    }

    void everyFolderJobAndViewIsMadeAsDefined() {
        List items = seed()
        assert items.findAll { it.kind == 'folder' }*.path == wanted.folders*.path
        assert items.findAll { it.kind == 'pipelineJob' }*.path == wanted.jobs*.path
        assert items.findAll { it.kind == 'listView' }*.path == wanted.views.collect { "${it.folder}/${it.name}".toString() }
        wanted.jobs.eachWithIndex { job, i ->
            Object made = items.findAll { it.kind == 'pipelineJob' }[i]
            assert made.values('pipelineJob.definition.cps.script') == [job.script]
            assert made.values('pipelineJob.definition.cps.sandbox') == [true]
            assert made.values('pipelineJob.displayName') == [job.title]
            assert made.values('pipelineJob.description') == [job.description]
            assert made.values('pipelineJob.disabled') == [false]
            assert made.values('pipelineJob.properties.pipelineTriggers.triggers.cron.spec') == (job.schedule ? [job.schedule] : [])
            assert made.names('pipelineJob.parameters') == job.parameters*.name
        }
    }

    void everyScriptCallsAStepThatAcceptsIt() {
        wanted.jobs.each { job ->
            assert job.script.contains("@Library('understudy@v1') _")
            setUp()
            context.site = job.site
            context.type = (job.script =~ /type: '(\w+)'/).with { it.find() ? it.group(1) : context.type }
            context.agent = ''
            Map shown = job.parameters.collectEntries { [it.name, it.name == 'RUN' ? RUN : ''] }
            jenkins.params = shown
            // What Jenkins does with the annotation is its own; the call below it is ours.
            String call = job.script.readLines().findAll { !it.startsWith('@Library') }.join('\n')
            new GroovyShell(Spec.classLoader, new Binding([jenkins: jenkins]), JenkinsfileCompiler.CONFIGURATION).evaluate(call)
            assert jenkins.pipelines.size() == 1
            List asked = jenkins.pipelines[0].parameterList.collect { it.arguments.name }
            assert asked == job.parameters*.name: "${job.path} shows other parameters than its pipeline declares"
        }
    }

    void aTextWithAQuoteStaysAText() {
        assert wanted.jobs[0].script.contains("url: 'https://git.example/o\\'neill/sites.git'")
    }
}
