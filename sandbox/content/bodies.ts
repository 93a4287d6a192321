import { type Prose } from './prose.js';
import { type Random } from './random.js';
import { type SiteUrls } from './urls.js';

export interface Material {
  readonly random: Random;
  readonly prose: Prose;
  readonly urls: SiteUrls;
}

/** A post of about nine kilobytes as the block editor stores it. */
export function blockPost({ random, prose, urls }: Material, withUrls: boolean): string {
  const blocks = Array.from(
    { length: 7 + random.below(6) },
    () => `<!-- wp:paragraph -->\n<p>${prose.paragraph(random)}</p>\n<!-- /wp:paragraph -->`,
  );
  if (random.chance(0.05)) {
    blocks.push(`<!-- wp:html -->\n<a href="${urls.foreign(random)}">elsewhere</a>\n<!-- /wp:html -->`);
  }
  if (withUrls) {
    const image = urls.plain(random);
    blocks.splice(
      2,
      0,
      `<!-- wp:image {"id":${random.below(900)},"sizeSlug":"large","linkDestination":"custom"} -->\n` +
        `<figure class="wp-block-image size-large"><a href="${urls.url}/shop/"><img src="${image}" alt=""/></a></figure>\n` +
        '<!-- /wp:image -->',
      `<!-- wp:acme/card {"title":"say \\u0022hello\\u0022","link":"${urls.url}/tickets/",` +
        `"html":"\\u003ca href=\\u0022${urls.escaped(random)}\\u0022\\u003ego\\u003c/a\\u003e"} /-->`,
      `<!-- wp:html -->\n<a href="https://share.example/?u=${urls.encoded(random)}">share</a>\n<!-- /wp:html -->`,
    );
  }
  return blocks.join('\n\n');
}

/** What a page builder keeps in postmeta: JSON with escaped slashes, and JSON within JSON. */
export function builderData({ random, prose, urls }: Material): string {
  const widget = (index: number): string =>
    JSON.stringify({
      id: `w${index}`,
      elType: 'widget',
      settings: {
        image: { url: urls.plain(random), id: index },
        editor: `<p>${prose.paragraph(random)}</p>`,
        link: { url: `${urls.url}/tickets/`, is_external: '' },
        dynamic: JSON.stringify({ source: urls.plain(random), note: 'Straße' }),
      },
    });
  return `[${Array.from({ length: 8 }, (_, index) => widget(index)).join(',')}]`.replaceAll('/', '\\/');
}

export function comment({ random, prose, urls }: Material, withUrls: boolean): string {
  const text = prose.text(random, 380);
  return withUrls ? `${text} <a href="${urls.plain(random)}">look</a>` : text;
}
