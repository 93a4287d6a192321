// What a pipeline was given (the call in the Jenkinsfile, the build's parameters), checked and made plain.
// Everything here happens before any `sh`: a value that does not look right never gets near a shell.

/** What the calls of this library take. The seed writes them as literals into the jobs that it makes. */
List keys() {
    return ['site', 'type', 'agent', 'schedule', 'sites', 'config', 'notify', 'timeoutMinutes', 'keepBuilds']
}

/** Refuses a call that is not right, before a node is taken. */
void check(String step, Map config) {
    List unknown = config.keySet().findAll { key -> !(key in keys()) }.collect { key -> key as String }
    if (unknown) {
        error("${step}: unknown ${unknown.join(', ')}. It takes ${keys().join(', ')}.")
    }
    if (config.site != null && !isSiteName(config.site)) {
        error("${step}: the site is not the name of a site file.")
    }
    if (config.type != null && !(config.type in ['wordpress', 'php'])) {
        error("${step}: type must be wordpress or php.")
    }
}

/**
 * The settings of this build: the call's and the parameters', checked.
 * @param params the build's parameters as Jenkins hands them over; booleans may be text
 */
Map call(Map config, Map params) {
    String site = (params.SITE ?: config.site ?: '') as String
    if (!isSiteName(site)) {
        error('SITE is not the name of a site file: lower-case letters, digits, - and _ are allowed.')
    }
    if (config.site && config.site != site) {
        error("This job is for ${config.site} alone.")
    }
    String run = (params.RUN ?: '') as String
    if (run && !(run ==~ /\d{8}T\d{6}Z-[0-9a-f]{6}/)) {
        error('RUN is not the id of a run. It looks like 20261121T201500Z-3f9a1c.')
    }
    return [
        site: site,
        type: config.type,
        agent: config.agent ?: '',
        sites: config.sites ?: 'sites',
        config: config.config,
        notify: config.notify,
        parameters: [
            site: site,
            run: run,
            dryRun: truth('DRY_RUN', params.DRY_RUN),
            allowDeletions: truth('ALLOW_DELETIONS', params.ALLOW_DELETIONS),
        ],
    ]
}

/** A boolean parameter may arrive as text, and the text "false" is true in Groovy. Any other word is refused. */
boolean truth(String name, Object value) {
    String text = value == null ? 'false' : value.toString().trim().toLowerCase()
    if (text == 'true' || text == 'false' || text == '') {
        return text == 'true'
    }
    error("${name} must be true or false.")
}

boolean isSiteName(Object name) {
    return name.toString() ==~ /[a-z0-9][a-z0-9_-]{0,62}/
}
