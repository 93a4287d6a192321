import { Browser, pageTitle } from '../world/browser.js';
import { type WebSide, type World } from '../world.js';

/** What a person would look at after a sync. Returns the number of things that are not as they should be. */
export async function lookAtStaging(world: World): Promise<number> {
  const { staging, production } = world;
  let wrong = 0;
  const say = (good: boolean, text: string): void => {
    if (!good) wrong += 1;
    console.log(`  ${good ? 'ok ' : 'NO '} ${text}`);
  };
  console.log(`\nStaging's pages, over HTTP as ${staging.url}`);
  for (const target of ['/', '/on-stage/', '/tickets/', '/feed/', '/wp-json/wp/v2/posts?per_page=3']) {
    const page = await new Browser(world, staging).open(target);
    const body = withoutGuids(page.body);
    const [ours, theirs] = [countHost(body, staging), countHost(body, production)];
    const title = page.body.includes('<title>') ? ` “${pageTitle(page)}”` : '';
    say(
      page.status === 200 && theirs === 0,
      `${page.status} ${target}${title}: ${ours} addresses of staging, ${theirs} of production`,
    );
  }
  const git = await world.get(staging, '/wp-content/plugins/acme-plugin-02/.git/HEAD');
  say(git.body !== 'ref: refs/heads/main\n', 'production has a .git folder in a plugin, staging has not');
  const { user, password } = staging.administrator;
  const inside = await new Browser(world, staging).logIn(user, password);
  say(
    inside.status === 200 && /Dashboard/.test(pageTitle(inside)),
    `logged in to wp-admin as ${user}: “${pageTitle(inside)}”`,
  );
  const robots = await world.get(staging, '/');
  say(
    /noindex/.test(robots.body + String(robots.headers.get('x-robots-tag'))),
    'search engines are told to stay away',
  );
  return wrong;
}

/** A post's guid is its identity, not an address to open: it stays what production gave it. */
const withoutGuids = (text: string): string =>
  text.replaceAll(/<guid[^>]*>[^<]*<\/guid>|"guid":\{"rendered":"[^"]*"\}/g, '');

const countHost = (text: string, side: WebSide): number =>
  text.split(new RegExp(new URL(side.url).host.replaceAll('.', '\\.'), 'gi')).length - 1;
