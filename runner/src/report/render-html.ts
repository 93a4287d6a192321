import { formatSeconds } from './format.js';
import { type RunReport } from './run-report.js';

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

/**
 * One self-contained page. No script and no outside resource: Jenkins' content security policy would block them.
 * Inline styles are blocked there too, so the page also reads well without any.
 */
export function renderHtml(report: RunReport): string {
  const rows = report.stages.map(
    (stage) =>
      `<tr class="${escapeHtml(stage.state)}"><td>${escapeHtml(stage.label)}</td><td>${escapeHtml(stage.state)}</td>` +
      `<td class="number">${formatSeconds(stage.seconds)}</td><td>${escapeHtml(stage.summary)}${renderFacts(stage.facts)}</td></tr>`,
  );
  const errors = report.errors.map(
    (error) =>
      `<section class="error"><h2>${escapeHtml(error.code)}</h2><p>${escapeHtml(error.message)}</p>` +
      (error.details.length === 0 ? '' : `<pre>${escapeHtml(error.details.join('\n'))}</pre>`) +
      (error.host === undefined ? '' : `<p>Host: ${escapeHtml(error.host)}</p>`) +
      (error.command === undefined ? '' : `<p>Command:</p><pre>${escapeHtml(error.command)}</pre>`) +
      (error.stderr === undefined ? '' : `<p>Its last lines:</p><pre>${escapeHtml(error.stderr)}</pre>`) +
      `<p><strong>Next:</strong> ${escapeHtml(error.next)}</p></section>`,
  );
  const findings = report.findings.map(
    (finding) =>
      `<li><strong>${escapeHtml(finding.severity)}</strong> <code>${escapeHtml(finding.code)}</code> ${escapeHtml(finding.message)}` +
      (finding.next === undefined ? '' : ` <em>${escapeHtml(finding.next)}</em>`) +
      '</li>',
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(report.site)} ${escapeHtml(report.state)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(report.site)}: ${escapeHtml(report.state)}</h1>
<p>Run <code>${escapeHtml(report.run)}</code>, ${escapeHtml(report.startedAt)} to ${escapeHtml(report.finishedAt)}</p>
${errors.join('\n')}
<table><thead><tr><th>Stage</th><th>State</th><th>Time</th><th>Result</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
${findings.length === 0 ? '' : `<h2>To know</h2><ul>${findings.join('\n')}</ul>`}
</body></html>
`;
}

function renderFacts(facts: Readonly<Record<string, string | number | boolean>>): string {
  const entries = Object.entries(facts);
  if (entries.length === 0) return '';
  const items = entries.map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd>`,
  );
  return `<details><summary>details</summary><dl>${items.join('')}</dl></details>`;
}

const STYLE =
  'body{font:16px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f23}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #d0d7de;vertical-align:top}' +
  '.number{text-align:right;white-space:nowrap}.complete td:nth-child(2){color:#116329}.failed td:nth-child(2),.aborted td:nth-child(2){color:#b3261e;font-weight:600}' +
  '.error{border-left:4px solid #b3261e;padding:.1rem 1rem;background:#fff5f5}pre{white-space:pre-wrap;background:#f6f8fa;padding:.6rem}' +
  'dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}dd{margin:0}';
