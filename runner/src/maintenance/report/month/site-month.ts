import { documentValidator, readDocument } from '../../../config/document-validator.js';
import { type MaintenanceRecord, type UpdateItem } from '../../maintenance-record.js';
import { aftermathOf } from '../aftermath.js';
import { STATE_WORDS, stepOf, verdictOf, withState } from '../verdict.js';

/**
 * What one site's maintenance adds to the report of the month. It travels from the site's build to the build for all
 * sites as one variable, so it is bounded: at most {@link MOST} entries a list, {@link LONGEST} signs a text.
 */
export interface SiteMonth {
  readonly version: 1;
  readonly site: string;
  readonly title: string;
  readonly run: string;
  /** First line of the site's own report. */
  readonly verdict: string;
  /** Carried to production, and not rolled back there. */
  readonly promoted: boolean;
  /** How many updates were made and kept. */
  readonly updates: number;
  /** `Akismet 5.3 → 5.3.1`. */
  readonly updated: readonly string[];
  readonly undone: readonly { readonly what: string; readonly why: string }[];
  /** Left as it is, with the reason: premium, pinned, excluded. */
  readonly staying: readonly string[];
  /** Approval, promotion, archive, commits, one sentence each. */
  readonly aftermath: readonly string[];
}

const MOST = 40;
const LONGEST = 300;

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
const named = (item: UpdateItem): string => shorten(`${item.title} ${stepOf(item)}`.trimEnd());

function bounded(lines: readonly string[]): string[] {
  const more = lines.length - MOST;
  return more <= 0
    ? lines.map(shorten)
    : [...lines.slice(0, MOST - 1).map(shorten), `and ${String(more + 1)} more`];
}

export function siteMonthOf(title: string, record: MaintenanceRecord): SiteMonth {
  return {
    version: 1,
    site: record.site,
    title: shorten(title),
    run: record.run,
    verdict: verdictOf(record),
    promoted: record.promotion?.state === 'complete',
    updates: withState(record, 'updated').length,
    updated: bounded(withState(record, 'updated').map(named)),
    undone: withState(record, 'rolled-back', 'failed')
      .slice(0, MOST)
      .map((item) => ({
        what: shorten(`${named(item)} ${STATE_WORDS[item.state]}`),
        why: shorten(item.evidence[0] ?? ''),
      })),
    staying: bounded(
      withState(record, 'no-package', 'pinned', 'excluded').map(
        (item) => `${item.title} (${STATE_WORDS[item.state]})`,
      ),
    ),
    aftermath: bounded(aftermathOf(record)),
  };
}

const text = { type: 'string', maxLength: 2 * LONGEST };
const texts = { type: 'array', maxItems: MOST, items: text };

const validate = documentValidator<SiteMonth>({
  type: 'object',
  additionalProperties: false,
  required: [
    'version',
    'site',
    'title',
    'run',
    'verdict',
    'promoted',
    'updates',
    'updated',
    'undone',
    'staying',
    'aftermath',
  ],
  properties: {
    version: { const: 1 },
    site: text,
    title: text,
    run: text,
    verdict: text,
    promoted: { type: 'boolean' },
    updates: { type: 'integer', minimum: 0 },
    updated: texts,
    undone: {
      type: 'array',
      maxItems: MOST,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['what', 'why'],
        properties: { what: text, why: text },
      },
    },
    staying: texts,
    aftermath: texts,
  },
});

/** @param refuse throws what the caller makes of text that is no such summary */
export const parseSiteMonth = (json: string, refuse: (why: string) => never): SiteMonth =>
  readDocument(Buffer.from(json), validate, refuse);
