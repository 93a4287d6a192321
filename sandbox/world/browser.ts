import { type Page, type WebSide, type World } from '../world.js';

/** The little that a browser does: keeps cookies, follows redirects on the same site. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly world: World,
    private readonly side: WebSide,
  ) {}

  async open(pathAndQuery: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    let target = pathAndQuery;
    let page = await this.request(target, form);
    for (let hops = 0; page.status >= 300 && page.status < 400 && hops < 5; hops += 1) {
      const next = new URL(page.headers.get('location') ?? '/', new URL(target, this.side.url));
      if (next.host !== new URL(this.side.url).host) return page;
      target = next.pathname + next.search;
      page = await this.request(target);
    }
    return page;
  }

  /** Posts wp-login.php's form; the answer is what a person would see next. */
  async logIn(user: string, password: string): Promise<Page> {
    await this.open('/wp-login.php');
    const form = { log: user, pwd: password, 'wp-submit': 'Log In', testcookie: '1' };
    return this.open('/wp-login.php', { ...form, redirect_to: `${this.side.url}/wp-admin/` });
  }

  private async request(target: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    const headers: Record<string, string> = {
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    };
    let body: string | undefined;
    if (form !== undefined) {
      body = new URLSearchParams(form).toString();
      headers['content-type'] = 'application/x-www-form-urlencoded';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    const init = {
      method: form === undefined ? 'GET' : 'POST',
      headers,
      ...(body === undefined ? {} : { body }),
    };
    const page = await this.world.get(this.side, target, init);
    for (const line of page.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) this.cookies.set(name, value);
    }
    return page;
  }
}

/** Text of `<title>`, entities decoded as far as titles need it. */
export const pageTitle = (page: Page): string =>
  (/<title>([^<]*)<\/title>/.exec(page.body)?.[1] ?? '(no title)')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lsaquo;', '‹')
    .replaceAll('&amp;', '&');
