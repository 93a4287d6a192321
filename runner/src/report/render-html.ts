import { formatSeconds } from './format.js';
import { escapeHtml, htmlPage } from './html-page.js';
import { type RunReport } from './run-report.js';

/** The report of a run as a page. */
export function renderHtml(report: RunReport): string {
  const rows = report.stages.map(
    (stage) =>
      `<tr class="${escapeHtml(stage.state)}"><td>${escapeHtml(stage.label)}</td><td class="state">${escapeHtml(stage.state)}</td>` +
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
  return htmlPage({
    title: `${report.site} ${report.state}`,
    body: `<h1>${escapeHtml(report.site)}: ${escapeHtml(report.state)}</h1>
<p>Run <code>${escapeHtml(report.run)}</code>, ${escapeHtml(report.startedAt)} to ${escapeHtml(report.finishedAt)}</p>
${errors.join('\n')}
<table><thead><tr><th>Stage</th><th>State</th><th>Time</th><th>Result</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
${findings.length === 0 ? '' : `<h2>To know</h2><ul>${findings.join('\n')}</ul>`}`,
  });
}

function renderFacts(facts: Readonly<Record<string, string | number | boolean>>): string {
  const entries = Object.entries(facts);
  if (entries.length === 0) return '';
  const items = entries.map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd>`,
  );
  return `<details><summary>details</summary><dl>${items.join('')}</dl></details>`;
}
