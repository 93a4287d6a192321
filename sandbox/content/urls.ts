import { type Random } from './random.js';

/** The ways in which a site's own address stands in its database, by how often they are met. */
export class SiteUrls {
  /** `www.acme.test` */
  readonly host: string;

  constructor(readonly url: string) {
    this.host = new URL(url).host;
  }

  plain(random: Random): string {
    const path = `/wp-content/uploads/2024/0${1 + random.below(9)}/photo-${random.below(40)}.png`;
    const roll = random.below(20);
    if (roll === 0) return `//${this.host}${path}`;
    if (roll === 1) return `HTTP://${this.mixedCase()}${path}`;
    if (roll === 2) return `https://${this.host}${path}`;
    return this.url + path;
  }

  /** As json_encode writes it. */
  escaped(random: Random): string {
    return this.plain(random).replaceAll('/', '\\/');
  }

  encoded(random: Random): string {
    const text = encodeURIComponent(this.plain(random));
    return random.chance(0.5) ? text : text.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  }

  /** Addresses that look alike and are somebody else's, or are no addresses of this site at all. */
  foreign(random: Random): string {
    const bare = this.host.replace(/^www\./, '');
    return random.pick([
      `https://${bare}.au/page`,
      `http://not${bare}/`,
      `mailto:info@${bare}`,
      'https://example.org/wp-content/uploads/a.png',
    ]);
  }

  private mixedCase(): string {
    return this.host.replaceAll(
      /(^|\.)([a-z])/g,
      (_, dot: string, letter: string) => dot + letter.toUpperCase(),
    );
  }
}
