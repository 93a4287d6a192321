import { describe, expect, it } from '@jest/globals';
import { type SideSettings, type Site } from '../../../src/config/site.js';
import { sharedLayout, siteLayout, USUAL_LAYOUT } from '../../../src/maintenance/site-layout.js';
import { assertWholeTree, codeRules } from '../../../src/maintenance/tree/code-rules.js';

const side = (path: string, more: Partial<SideSettings> = {}): SideSettings =>
  ({ path, ...more }) as SideSettings;
const bedrock = (root: string) => ({ wordpressFolder: `${root}/wp/`, contentDir: `${root}/app` });

describe('siteLayout', () => {
  it.each([
    ['nothing said', {}, USUAL_LAYOUT],
    ['the root', { wordpressFolder: '/srv/acme/' }, USUAL_LAYOUT],
    [
      'a folder of its own',
      { wordpressFolder: '/srv/acme/wp/' },
      {
        core: 'wp',
        content: 'wp/wp-content',
        plugins: 'wp/wp-content/plugins',
        mustUse: 'wp/wp-content/mu-plugins',
      },
    ],
    [
      'Bedrock',
      bedrock('/srv/acme'),
      { core: 'wp', content: 'app', plugins: 'app/plugins', mustUse: 'app/mu-plugins' },
    ],
    [
      'moved plugins',
      { pluginDir: '/srv/acme/ext', mustUseFolder: '/srv/acme/must' },
      { ...USUAL_LAYOUT, plugins: 'ext', mustUse: 'must' },
    ],
    [
      'a release behind a link',
      {
        wordpressFolder: '/srv/releases/7/wp',
        contentDir: '/srv/releases/7/app',
        realRoot: '/srv/releases/7',
      },
      { core: 'wp', content: 'app', plugins: 'app/plugins', mustUse: 'app/mu-plugins' },
    ],
  ])('%s', (_, settings, layout) => {
    expect(siteLayout(side('/srv/acme'), settings)).toEqual(layout);
  });
  it('sees paths as PHP in a container does', () => {
    expect(
      siteLayout(side('/srv/acme', { containerPath: '/var/www/html' }), bedrock('/var/www/html')).core,
    ).toBe('wp');
  });
  it('refuses what lies outside of the document root', () => {
    expect(() => siteLayout(side('/srv/acme/web'), { contentDir: '/srv/acme/app' })).toThrow(
      /WP_CONTENT_DIR is/,
    );
  });
  it('is one on both sides', () => {
    const site = { type: 'wordpress', production: side('/a'), staging: side('/b') } as Site;
    expect(sharedLayout(site, bedrock('/a'), bedrock('/b')).content).toBe('app');
    expect(() => sharedLayout(site, bedrock('/a'), {})).toThrow(/other folders/);
  });
});

describe('code of a layout', () => {
  const site = {
    type: 'wordpress',
    content: { exclude: [], media: ['wp-content/uploads'], keepOnStaging: [] },
  } as unknown as Site;
  const layout = siteLayout(side('/srv/acme'), bedrock('/srv/acme'));
  it('has core, plugins, themes and must-use plugins where they lie', () => {
    expect(codeRules(site, [], layout).roots).toEqual(
      expect.arrayContaining([
        'app/mu-plugins',
        'app/plugins',
        'app/themes',
        'index.php',
        'wp/wp-includes',
        'wp/wp-login.php',
      ]),
    );
  });
  const entry = (path: string) => ({ path, type: 'file', executable: false, sha256: '', bytes: 1 }) as const;
  const where = { host: 'staging', path: '/srv/acme' };
  it.each([[[]], [['wp/wp-includes/version.php']], [['app/plugins/a/a.php']]])(
    'is refused with %j alone',
    (paths) => {
      expect(() => {
        assertWholeTree(site, { entries: paths.map(entry) }, layout, where);
      }).toThrow(/does not hold/);
    },
  );
  it('is whole with core and a plugin', () => {
    const entries = ['wp/wp-includes/version.php', 'app/plugins/a/a.php'].map(entry);
    expect(() => {
      assertWholeTree(site, { entries }, layout, where);
    }).not.toThrow();
  });
});
