import { describe, expect, test } from '@jest/globals';
import { contentFilters, type FilterSettings, mediaFolders } from '../../../src/content/rsync/filters.js';

const settings = (
  change: Partial<FilterSettings['content']> = {},
  type: FilterSettings['type'] = 'wordpress',
) => ({
  type,
  content: {
    exclude: [],
    media: ['wp-content/uploads'],
    mediaMode: 'excluded' as const,
    keepOnStaging: [],
    ...change,
  },
});

describe('content filters', () => {
  test('are these for a WordPress site', () => {
    expect(
      contentFilters(settings({ exclude: ['*.log'], keepOnStaging: ['/staging.php'] })),
    ).toMatchSnapshot();
  });

  test('leave media folders in where they are copied', () => {
    const rules = (mediaMode: 'excluded' | 'sync' | 'read-through'): string =>
      contentFilters(settings({ mediaMode })).join('\n');
    expect(rules('read-through')).toBe(rules('excluded'));
    expect(rules('excluded')).toContain('- /wp-content/uploads');
    expect(rules('sync')).not.toContain('uploads');
  });

  test('are these for another site', () => {
    expect(contentFilters(settings({ media: [] }, 'php'))).toMatchSnapshot();
  });

  test('pass deep entries by only rules that could not match them', () => {
    const rules = contentFilters(settings({ exclude: ['/a/b/c/d/e'], media: ['f/g/h/i/j'] }));
    const shallow = rules.slice(rules.indexOf('+ /*/*/*/**') + 1);
    expect(shallow.length).toBeGreaterThan(40);
    for (const rule of shallow) expect(rule).toMatch(/^[-+] (?:\/(?:\*|[\w.*-]+)){1,3}$/);
    expect(shallow).not.toContain('- /a/b/c/d/e');
    expect(shallow).not.toContain('- /f/g/h/i/j');
  });

  test('begin with version control, which no pattern of the site can bring back', () => {
    expect(contentFilters(settings({ exclude: ['+ .git'] })).slice(0, 3)).toEqual([
      '- .git',
      '- .svn',
      '- .hg',
    ]);
    expect(contentFilters(settings({ exclude: ['+ .git', '!'] }))).toEqual(
      expect.arrayContaining(['- + .git', '- !']),
    );
  });

  test('take a media folder literally', () => {
    expect(contentFilters(settings({ media: ['files[1]/a*b\\c', '/media/'] }, 'php'))).toEqual(
      expect.arrayContaining(['- /files\\[1]/a\\*b\\\\c', '- /media']),
    );
  });

  test('know the uploads of old networks only beside the usual ones', () => {
    expect(mediaFolders(settings())).toEqual(['wp-content/uploads', 'wp-content/blogs.dir']);
    expect(mediaFolders(settings({ media: [] }))).toEqual([]);
  });
});
