import groovy.transform.Field

// What a pipeline was given (the call in the Jenkinsfile, the build's parameters), checked and made plain.
// Everything here happens before any `sh`: a value that does not look right never gets near a shell.

/** `first`: Jenkins did not know the parameters of the job when the build began. */
@Field Map state = [first: '']

/** What the calls for one site take. The seed writes them as literals into the jobs that it makes. */
@NonCPS
List siteKeys() {
    return ['site', 'type', 'agent', 'schedule', 'sites', 'config', 'notify', 'timeoutMinutes', 'keepBuilds']
}

/** What the calls for all sites take. */
@NonCPS
List fleetKeys() {
    return ['folder', 'agent', 'schedule', 'sites', 'config', 'atOnce', 'notify', 'timeoutMinutes', 'keepBuilds']
}

/** What the call that makes the jobs takes. */
@NonCPS
List seedKeys() {
    return ['folder', 'library', 'agent', 'schedule', 'sites', 'config', 'timeoutMinutes', 'keepBuilds']
}

/** Refuses a call that is not right, before a node is taken. */
void check(String step, Map config, List keys, boolean needsSite = false) {
    String problem = problemOf(config, keys, needsSite)
    if (problem) {
        understudyReports.fail("${step}: ${problem}")
    }
    state.first = keys.contains('site') && !config.site && params.SITE == null ? 'yes' : ''
}

/**
 * The settings of this build: the call's and the parameters', checked.
 * @param given the build's parameters as Jenkins hands them over; booleans may be text
 */
Map call(Map config, Map given) {
    String site = (given.SITE ?: config.site ?: '').toString()
    if (!site && state.first) {
        // No failure: nobody could give SITE. The pipeline has told Jenkins its parameters by now.
        currentBuild.result = 'NOT_BUILT'
        understudyReports.fail('Jenkins has now learnt the parameters of this job. Start it again: it asks for SITE.')
    }
    if (!isSiteName(site)) {
        understudyReports.fail('SITE is not the name of a site file: lower-case letters, digits, - and _ are allowed.')
    }
    if (config.site && config.site.toString() != site) {
        understudyReports.fail("This job is for ${config.site} alone.")
    }
    String run = (given.RUN ?: '').toString()
    if (run && !isRunId(run)) {
        understudyReports.fail('RUN is not the id of a run. It looks like 20261121T201500Z-3f9a1c.')
    }
    Map settings = common(config)
    settings.site = site
    settings.type = (config.type ?: '').toString()
    settings.notify = config.notify
    settings.parameters = [
        site: site,
        run: run,
        dryRun: truth('DRY_RUN', given.DRY_RUN),
        allowDeletions: truth('ALLOW_DELETIONS', given.ALLOW_DELETIONS),
    ]
    return settings
}

/** Where site files and runner are: what every call has, also the one that is for no single site. */
@NonCPS
Map common(Map config) {
    return [
        site: '',
        agent: (config.agent ?: '').toString(),
        sites: (config.sites ?: 'sites').toString(),
        config: config.config,
        folder: (config.folder ?: 'understudy').toString(),
        parameters: [:],
    ]
}

/** A boolean parameter may arrive as text, and the text "false" is true in Groovy. Any other word is refused. */
boolean truth(String name, Object value) {
    String text = value == null ? '' : value.toString().trim().toLowerCase()
    if (text != '' && text != 'true' && text != 'false') {
        understudyReports.fail("${name} must be true or false.")
    }
    return text == 'true'
}

/** The names in SITES, separated by spaces, commas or lines. Empty: all. */
List siteNames(Object text) {
    List names = wordsOf(text == null ? '' : text.toString())
    for (int i = 0; i < names.size(); i++) {
        if (!isSiteName(names[i])) {
            understudyReports.fail('SITES holds a word that is not the name of a site file: lower-case letters, digits, - and _ are allowed.')
        }
    }
    return names
}

@NonCPS
boolean isSiteName(Object name) {
    return name.toString() ==~ /[a-z0-9][a-z0-9_-]{0,39}/
}

@NonCPS
boolean isRunId(Object text) {
    return text.toString() ==~ /\d{8}T\d{6}Z-[0-9a-f]{6}/
}

@NonCPS
List wordsOf(String text) {
    List words = []
    for (String word in text.split('[\\s,]+')) {
        if (word != '' && !words.contains(word)) {
            words.add(word)
        }
    }
    return words
}

/** What is wrong with a call, as one sentence; empty when nothing is. */
@NonCPS
String problemOf(Map config, List keys, boolean needsSite) {
    for (Object key in config.keySet()) {
        if (!keys.contains(key.toString())) {
            return "it does not know ${key}. It takes ${keys.join(', ')}."
        }
    }
    if (config.site != null && !isSiteName(config.site)) {
        return 'the site is not the name of a site file.'
    }
    if (needsSite && !config.site) {
        return "it is for one site: give its name, site: '…'."
    }
    if (keys.contains('site') && config.schedule && !config.site) {
        return 'a schedule needs a site: a build that starts by itself has nobody who gives SITE.'
    }
    if (config.type != null && !['wordpress', 'php'].contains(config.type.toString())) {
        return 'type must be wordpress or php.'
    }
    if (config.folder != null && !(config.folder.toString() ==~ /[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*/)) {
        return 'folder is not the path of a Jenkins folder.'
    }
    for (String name in ['timeoutMinutes', 'keepBuilds', 'atOnce']) {
        if (config[name] != null && !(config[name].toString() ==~ /[1-9]\d{0,4}/)) {
            return "${name} must be a number from 1 to 99999."
        }
    }
    return config.config == null ? '' : repositoryProblemOf(config.config)
}

@NonCPS
String repositoryProblemOf(Object repository) {
    if (!(repository instanceof Map) || !repository.url) {
        return "config must be [url: '…', branch: '…', credentialsId: '…']; only url is needed."
    }
    for (Object key in repository.keySet()) {
        if (!['url', 'branch', 'credentialsId'].contains(key.toString())) {
            return "config does not know ${key}. It takes url, branch, credentialsId."
        }
    }
    return ''
}
