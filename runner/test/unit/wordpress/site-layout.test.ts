import { describe, expect, test } from '@jest/globals';
import { type SideSettings, type Site } from '../../../src/config/site.js';
import {
  coreAddress,
  likelyLayout,
  sharedLayout,
  siteLayout,
  USUAL_LAYOUT,
} from '../../../src/wordpress/site/site-layout.js';
import {
  contentFilters,
  mediaFolders,
  servedMedia,
  type FilterSettings,
} from '../../../src/content/rsync/filters.js';
import { withUploadOptions } from '../../../src/wordpress/site/upload-folders.js';
import { assertWholeTree, codeRules } from '../../../src/maintenance/tree/code-rules.js';

const side = (path: string, more: Partial<SideSettings> = {}): SideSettings =>
  ({ path, ...more }) as SideSettings;
const bedrock = (root: string) => ({ wordpressFolder: `${root}/wp/`, contentDir: `${root}/app` });

describe('siteLayout', () => {
  test.each([
    ['nothing said', {}, USUAL_LAYOUT],
    ['the root', { wordpressFolder: '/srv/acme/' }, USUAL_LAYOUT],
    [
      'a folder of its own',
      { wordpressFolder: '/srv/acme/wp/' },
      {
        web: '',
        core: 'wp',
        content: 'wp/wp-content',
        plugins: 'wp/wp-content/plugins',
        mustUse: 'wp/wp-content/mu-plugins',
        uploads: 'wp/wp-content/uploads',
      },
    ],
    [
      'Bedrock',
      bedrock('/srv/acme'),
      {
        web: '',
        core: 'wp',
        content: 'app',
        plugins: 'app/plugins',
        mustUse: 'app/mu-plugins',
        uploads: 'app/uploads',
      },
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
      {
        web: '',
        core: 'wp',
        content: 'app',
        plugins: 'app/plugins',
        mustUse: 'app/mu-plugins',
        uploads: 'app/uploads',
      },
    ],
    [
      'Bedrock, with its project folder as path',
      { web: 'web', wordpressFolder: '/srv/acme/web/wp/', contentDir: '/srv/acme/web/app' },
      {
        web: 'web',
        core: 'web/wp',
        content: 'web/app',
        plugins: 'web/app/plugins',
        mustUse: 'web/app/mu-plugins',
        uploads: 'web/app/uploads',
      },
    ],
    ['moved uploads', { uploads: 'media/files' }, { ...USUAL_LAYOUT, uploads: 'media/files' }],
    [
      'uploads beside the folder of WordPress',
      { wordpressFolder: '/srv/acme/wp/', contentDir: '/srv/acme/wp-content', uploads: '../media/' },
      { ...USUAL_LAYOUT, core: 'wp', uploads: 'media' },
    ],
    ['uploads outside', { uploads: '../../media' }, USUAL_LAYOUT],
  ])('%s', (_, settings, layout) => {
    expect(siteLayout(side('/srv/acme'), settings)).toEqual(layout);
  });
  test('takes from production what an empty staging does not say', () => {
    const production = siteLayout(side('/srv/acme'), bedrock('/srv/acme'));
    expect(likelyLayout(side('/srv/st'), {}, production)).toEqual(production);
    expect(likelyLayout(side('/srv/st'), { contentDir: '/srv/st/c' }, production)).toMatchObject({
      core: 'wp',
      content: 'c',
      uploads: 'c/uploads',
    });
  });
  test.each([
    [{ web: '', core: '' }, '/wp-login.php'],
    [{ web: '', core: 'wp' }, '/wp/wp-login.php'],
    [{ web: 'web', core: 'web/wp' }, '/wp/wp-login.php'],
    [{ web: 'public', core: 'public' }, '/wp-login.php'],
  ])('%j: the login page is at %s', (layout, address) => {
    expect(coreAddress(layout, 'wp-login.php')).toBe(address);
  });
  test('sees paths as PHP in a container does', () => {
    expect(
      siteLayout(side('/srv/acme', { containerPath: '/var/www/html' }), bedrock('/var/www/html')).core,
    ).toBe('wp');
  });
  test('refuses what lies outside of the document root', () => {
    expect(() => siteLayout(side('/srv/acme/web'), { contentDir: '/srv/acme/app' })).toThrow(
      /WP_CONTENT_DIR is/,
    );
  });
  test('is one on both sides', () => {
    const site = { type: 'wordpress', production: side('/a'), staging: side('/b') } as Site;
    expect(sharedLayout(site, bedrock('/a'), bedrock('/b')).content).toBe('app');
    expect(() => sharedLayout(site, bedrock('/a'), {})).toThrow(/different folders/);
  });
});

describe('code of a layout', () => {
  const site = {
    type: 'wordpress',
    content: { exclude: [], media: ['wp-content/uploads'], keepOnStaging: [] },
  } as unknown as Site;
  const layout = siteLayout(side('/srv/acme'), bedrock('/srv/acme'));
  test('has core, plugins, themes and must-use plugins where they lie', () => {
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
  test.each([[[]], [['wp/wp-includes/version.php']], [['app/plugins/a/a.php']]])(
    'is refused with %j alone',
    (paths) => {
      expect(() => {
        assertWholeTree(site, { entries: paths.map(entry) }, layout, where);
      }).toThrow(/does not hold/);
    },
  );
  test('is whole with core and a plugin', () => {
    const entries = ['wp/wp-includes/version.php', 'app/plugins/a/a.php'].map(entry);
    expect(() => {
      assertWholeTree(site, { entries }, layout, where);
    }).not.toThrow();
  });
});

describe('media of a layout', () => {
  const settings = (content: object): FilterSettings => ({
    type: 'wordpress',
    content: {
      exclude: [],
      media: ['wp-content/uploads'],
      mediaMode: 'excluded',
      keepOnStaging: [],
      ...content,
    },
    layouts: [siteLayout(side('/srv/acme'), { web: 'web', contentDir: '/srv/acme/web/app' })],
  });
  test('are where the uploads really lie', () => {
    expect(contentFilters(settings({}))).toEqual(
      expect.arrayContaining(['- /web/app/uploads', '- /web/app/object-cache.php', '- /web/app/cache']),
    );
    expect(servedMedia(settings({}))).toContain('app/uploads');
  });
  test('are also where options of the database put them and name them', () => {
    const place = { ...side('/srv/acme'), url: 'https://www.acme.com/shop' };
    const layout = siteLayout(place, { web: 'web', contentDir: '/srv/acme/web/app' });
    const media = (path: string, url = ''): readonly string[] =>
      withUploadOptions(layout, [{ path, url }], place, '/srv/releases/7').media ?? [];
    expect(media('')).toEqual([]);
    expect(media('wp-content/uploads')).toEqual([]);
    expect(media('media/')).toEqual(['web/media']);
    expect(media('../media')).toEqual(['media']);
    expect(media('/srv/acme/web/media')).toEqual(['web/media']);
    expect(media('/srv/releases/7/media')).toEqual(['media']);
    expect(media('', 'https://www.acme.com/shop/files/')).toEqual(['web/files']);
    expect(media('', 'http://www.acme.com/files')).toEqual(['web/files']);
    // A CDN, another folder of the machine, and folders that hold code.
    expect(media('/mnt/media', 'https://cdn.acme.com/files')).toEqual([]);
    expect(media('../../media', 'http://[')).toEqual([]);
    expect(media('app')).toEqual([]);
    expect(media('a\n- *')).toEqual([]);
    expect(media('..', 'https://www.acme.com/')).toEqual([]);
    const layouts = [{ ...layout, media: ['web/media'] }];
    expect(contentFilters({ ...settings({}), layouts })).toContain('- /web/media');
    expect(servedMedia({ ...settings({}), layouts })).toContain('media');
  });
  test('are only what the site file says, where it says it', () => {
    expect(mediaFolders(settings({ media: ['files'] }))).toEqual(['files']);
  });
  test('what lies in the content folder is excluded before what lies deep is let through', () => {
    const deep = { ...settings({}), layouts: [{ ...USUAL_LAYOUT, content: 'a/b/c/content' }] };
    const rules = contentFilters(deep);
    expect(rules.indexOf('- /a/b/c/content/object-cache.php')).toBeLessThan(rules.indexOf('+ /*/*/*/**'));
    expect(rules.indexOf('- /a/b/c/content/object-cache.php')).toBeGreaterThan(0);
  });
});
