import { type HttpAnswer } from '../../http/site-client.js';

export const isText = (answer: HttpAnswer): boolean =>
  /text|xml|json|javascript|svg|^$/i.test(answer.headers['content-type'] ?? '');

/** Links of a page, entries of a sitemap, style sheets and scripts; on staging, below its address, without fragments. */
export function linksOf(answer: HttpAnswer, base: URL): string[] {
  const links: string[] = [];
  if (answer.verdict === 'redirect') links.push(answer.headers['location'] ?? '');
  else if (isText(answer)) {
    const text = answer.body.toString('latin1').replaceAll(SHORT_LINK, '');
    for (const match of text.matchAll(/(?:href|src)\s*=\s*["']([^"'#]+)/gi)) links.push(match[1] ?? '');
    for (const match of text.matchAll(/<loc>\s*([^<\s]+)|@import\s+(?:url\()?["']?([^"')]+)/gi))
      links.push(match[1] ?? match[2] ?? '');
  }
  return links.flatMap((link) => {
    const url = parse(link.replaceAll('&amp;', '&').replaceAll('&#038;', '&'), answer.url);
    if (url === undefined || url.host !== base.host || !url.pathname.startsWith(base.pathname)) return [];
    if (/[?&](action=logout|replytocom=|add-to-cart=)/.test(url.search) || MEDIA.test(url.pathname))
      return [];
    url.hash = '';
    return [url.href];
  });
}

/** `<link rel='shortlink' href='…/?p=17'>` leads back to the page that it stands in. */
const SHORT_LINK = /<link[^>]{0,200}rel=["']shortlink["'][^>]*>/gi;

const MEDIA = /\.(?:jpe?g|png|gif|webp|avif|ico|woff2?|ttf|eot|mp4|webm|mp3|pdf|zip)$/i;

function parse(link: string, from: string): URL | undefined {
  try {
    const url = new URL(link, from);
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/**
 * REST and oEmbed answers and the feed of a single post: the same text once more. Files of WordPress
 * itself are the same on every site.
 */
const SECONDARY = /\/(?:wp-includes|wp-admin)\/|\/wp-json\/.|\/xmlrpc\.php|[?&]rest_route=|\/[^/]+\/feed\/$/;

export const isSecondary = (link: string): boolean => SECONDARY.test(link);
