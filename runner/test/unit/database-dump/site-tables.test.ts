import { describe, expect, test } from '@jest/globals';
import { foreignTables, patternsFor } from '../../../src/database/schema/site-tables.js';

const none = { alsoInSchema: [], exclude: [] };
const wordpress = (prefix: string): string[] =>
  ['options', 'posts', 'users', 'usermeta'].map((name) => `${prefix}${name}`);

describe('tables that are not the site’s', () => {
  test.each([
    ['another application', [...wordpress('wp_'), 'crm_leads', 'notes'], 'wp_', ['crm_leads', 'notes']],
    ['another WordPress beside it', [...wordpress('wp_'), ...wordpress('wp2_')], 'wp_', wordpress('wp2_')],
    [
      'another WordPress with a longer prefix',
      [...wordpress('wp_'), ...wordpress('wp_blog_')],
      'wp_',
      wordpress('wp_blog_'),
    ],
    [
      'another WordPress with a shorter prefix',
      [...wordpress('wp_'), ...wordpress('wp_blog_')],
      'wp_blog_',
      wordpress('wp_'),
    ],
    ['the sites of a network', [...wordpress('wp_'), 'wp_2_options', 'wp_2_posts', 'wp_blogs'], 'wp_', []],
    [
      'a plugin with users and options of its own',
      [...wordpress('wp_'), 'wp_forum_users', 'wp_forum_options'],
      'wp_',
      [],
    ],
    ['names that the server keeps in lower case', wordpress('wp_'), 'WP_', []],
    ['a site that is not WordPress', ['a', 'b_c'], '', []],
  ])('%s', (_, names, prefix, undecided) => {
    expect(foreignTables(names, prefix, none)).toEqual({ excluded: [], undecided });
  });

  test('the site file decides', () => {
    const names = [...wordpress('wp_'), 'crm_leads', 'crm_log', 'legacy'];
    const decided = { alsoInSchema: ['legacy'], exclude: ['crm_*'] };
    expect(foreignTables(names, 'wp_', decided)).toEqual({
      excluded: ['crm_leads', 'crm_log'],
      undecided: [],
    });
  });

  test('the line to write covers them', () => {
    expect(patternsFor(['crm_leads', 'crm_log', 'notes', 'wp_blog_posts', 'odd name'], 'wp_')).toBe(
      '[crm_*, notes, wp_blog_*, "odd name"]',
    );
  });
});
