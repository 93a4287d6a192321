/** What differs from site to site travels as data; the Job DSL script itself is constant, so one approval lasts. */
void call(Map config) {
    Map settings = understudySettings.common(config)
    String library = (config.library == null ? 'understudy' : config.library).toString()
    String jobs = understudyAgent.jobsOf(settings, library)
    try {
        jobDsl(scriptText: libraryResource('understudy/jobs/seed.groovy'), additionalParameters: [UNDERSTUDY_JOBS: jobs],
               lookupStrategy: 'JENKINS_ROOT', removedJobAction: 'DISABLE', removedViewAction: 'DELETE',
               removedConfigFilesAction: 'IGNORE')
    } catch (NoSuchMethodError missing) {
        understudyReports.fail('The Job DSL plugin is not installed. Install it, or make the same jobs with: understudy jobs --jenkins <url>')
    }
}
