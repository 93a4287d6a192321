import { type Finding } from '../errors/index.js';
import { readWpConfig } from '../wordpress/read-wp-config.js';
import { type StageContext } from './stage.js';

/** What both wp-config.php files say about acting as staging. Checked, never written. */
export async function checkStagingConfig(context: StageContext): Promise<readonly Finding[]> {
  const { site } = context;
  const [production, staging] = await Promise.all([
    context.hosts.productionApplication().then((host) => readWpConfig(host, site.production)),
    context.hosts.staging().then((host) => readWpConfig(host, site.staging)),
  ]);
  const findings: Finding[] = [];
  if (staging.environmentType !== 'staging')
    findings.push({
      severity: 'warning',
      code: 'STAGING_ENVIRONMENT_TYPE',
      message: `WP_ENVIRONMENT_TYPE of staging is ${staging.environmentType ?? 'not set'}, so plugins take it for production.`,
      next: `Add to ${staging.configFile}: define( 'WP_ENVIRONMENT_TYPE', 'staging' );`,
    });
  if (
    staging.cacheKeySalt !== undefined &&
    staging.cacheKeySalt !== '' &&
    staging.cacheKeySalt === production.cacheKeySalt
  )
    findings.push({
      severity: 'warning',
      code: 'CACHE_SHARED_WITH_PRODUCTION',
      message:
        'Staging has the same WP_CACHE_KEY_SALT as production: with one Redis, each would read what the other cached.',
      next: `Set another one in ${staging.configFile}: define( 'WP_CACHE_KEY_SALT', '${site.name}-staging:' );`,
    });
  const host = new URL(site.staging.url).host;
  const constants = [
    ['DOMAIN_CURRENT_SITE', staging.networkDomain],
    ['WP_HOME', hostOf(staging.home)],
    ['WP_SITEURL', hostOf(staging.siteUrl)],
  ] as const;
  for (const [name, value] of constants)
    if (value !== undefined && value !== host)
      findings.push({
        severity: 'error',
        code: 'NETWORK_DOMAIN_MISMATCH',
        message: `${name} of staging is ${value}, but staging.url names ${host}.`,
        next: `Set in ${staging.configFile}: define( '${name}', '${name === 'DOMAIN_CURRENT_SITE' ? host : site.staging.url}' );`,
      });
  return findings;
}

function hostOf(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined;
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
