import { type RunReport } from './run-report.js';
import { escapeMarkup } from '../../basics/escape-markup.js';
import { maskSecrets, shownText } from '../../errors/index.js';

export interface JUnitCase {
  readonly name: string;
  readonly seconds?: number;
  /** Undefined: it passed. */
  readonly not?: { readonly why: 'failure' | 'skipped'; readonly message: string; readonly type?: string };
  readonly text?: string;
}

export interface JUnitSuite {
  readonly site: string;
  /** `stages`, `updates`, `pages`: the package in Jenkins. */
  readonly group: string;
  /** One stage, one item, one page: the class in Jenkins. */
  readonly name: string;
  readonly cases: readonly JUnitCase[];
}

/** Jenkins takes what stands before the last dot of a class name for its package. */
const word = (text: string): string => text.replaceAll('.', '_');

/** A suite per thing, so that Jenkins groups by stage, item and page and draws the history of each. */
export const renderSuites = (suites: readonly JUnitSuite[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${suites.map(suiteXml).join('\n')}
</testsuites>
`;

function suiteXml({ site, group, name, cases }: JUnitSuite): string {
  const count = (why: string): string => String(cases.filter(({ not }) => not?.why === why).length);
  const className = escapeXml(`${word(site)}.${group}.${word(name)}`);
  return `<testsuite name="${escapeXml(`${site} ${group}: ${name}`)}" tests="${String(cases.length)}" failures="${count('failure')}" skipped="${count('skipped')}">
${cases.map((each) => caseXml(className, each)).join('\n')}
</testsuite>`;
}

function caseXml(className: string, { name, seconds, not, text = '' }: JUnitCase): string {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`;
  const inner =
    not === undefined
      ? text === ''
        ? ''
        : `<system-out>${escapeXml(text)}</system-out>`
      : not.why === 'skipped'
        ? `<skipped message="${escapeXml(not.message)}"/>`
        : `<failure message="${escapeXml(not.message)}" type="${escapeXml(not.type ?? 'failure')}">${escapeXml(text)}</failure>`;
  return `<testcase classname="${className}" name="${escapeXml(name)}"${time}>${inner}</testcase>`;
}

/** A suite per stage, with the stage as its one case. */
export const renderJUnit = (report: RunReport): string =>
  renderSuites(
    report.stages.map((stage) => ({
      site: report.site,
      group: 'stages',
      name: stage.label,
      cases: [stageCase(report, stage)],
    })),
  );

function stageCase(report: RunReport, stage: RunReport['stages'][number]): JUnitCase {
  const basis = { name: 'completes', seconds: stage.seconds };
  if (stage.state === 'complete') return { ...basis, text: stage.summary };
  if (stage.state === 'skipped') return { ...basis, not: { why: 'skipped', message: 'does not apply' } };
  const error = report.errors.findLast((one) => one.stage === stage.name) ?? report.errors.at(-1);
  return {
    ...basis,
    not: { why: 'failure', message: error?.message ?? stage.state, type: error?.code ?? stage.state },
    text: [...(error?.details ?? []), error?.stderr ?? '', `Next: ${error?.next ?? ''}`].join('\n'),
  };
}

/** Text for XML 1.0: secrets masked before anything is escaped; what XML cannot hold at all is left out. */
export const escapeXml = (text: string): string =>
  escapeMarkup(
    shownText(maskSecrets(text)).replace(
      /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
      '\ufffd',
    ),
  );
