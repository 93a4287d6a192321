/** Of database servers: `10.6.22-MariaDB`, `8.0.36`. Below 0: `version` is before `least`. */
export function compareVersions(version: string, least: string): number {
  const numbers = (text: string) => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);
  const [a, b] = [numbers(version), numbers(least)];
  return b.map((number, index) => (a[index] ?? 0) - number).find((difference) => difference !== 0) ?? 0;
}
