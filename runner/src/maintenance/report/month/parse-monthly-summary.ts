import { documentValidator, readDocument } from '../../../config/schema/document-validator.js';
import { type MaintenanceRecord, type UpdateItem } from '../../maintenance-record.js';
import { type MonthlySummary } from '../../../run/monthly-summary.js';
import { outcomeSummary } from '../outcome-summary.js';
import { STATE_WORDS, stepOf, verdictOf, withState } from '../verdict.js';

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

export function monthlySummaryOf(title: string, record: MaintenanceRecord): MonthlySummary {
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
    aftermath: bounded(outcomeSummary(record)),
  };
}

const text = { type: 'string', maxLength: 2 * LONGEST };
const texts = { type: 'array', maxItems: MOST, items: text };

const validate = documentValidator<MonthlySummary>({
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
export const parseMonthlySummary = (json: string, refuse: (why: string) => never): MonthlySummary =>
  readDocument(Buffer.from(json), validate, refuse);
