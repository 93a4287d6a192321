/**
 * The nearest collation that the target has: MySQL 8 and MariaDB 10.10 do not know each other's, `utf8mb3_…` was
 * `utf8_…` before. Whether trailing blanks count comes first: a unique key that holds `a` and `a ` under the one kind
 * refuses them under the other.
 * @param available names in lower case; empty: nothing is known and nothing is changed
 * @returns undefined when the target has nothing of that character set
 */
export function nearestCollation(wanted: string, available: ReadonlySet<string>): string | undefined {
  const name = wanted.toLowerCase();
  if (available.size === 0 || available.has(name)) return wanted;
  const charset = name.startsWith('uca1400_') ? 'utf8mb4' : (name.split('_')[0] ?? name);
  const sensitivity = /_bin$/.test(name) ? 'bin' : /_as_cs|_cs(_|$)/.test(name) ? 'cs' : 'ci';
  const accents = /_as_/.test(name) ? 'as' : 'ai';
  const padded = {
    bin: ['bin'],
    cs: ['uca1400_as_cs', 'bin'],
    ci: [`uca1400_${accents}_ci`, 'unicode_520_ci', 'unicode_ci', 'general_ci'],
  }[sensitivity];
  const unpadded = {
    bin: ['0900_bin', 'nopad_bin'],
    cs: ['0900_as_cs', 'uca1400_nopad_as_cs', 'nopad_bin'],
    ci: [`0900_${accents}_ci`, `uca1400_nopad_${accents}_ci`, 'unicode_520_nopad_ci', 'unicode_nopad_ci'],
  }[sensitivity];
  const endings = /_0900_|_nopad_/.test(name) ? [...unpadded, ...padded] : [...padded, ...unpadded];
  const charsets =
    charset === 'utf8' ? ['utf8mb3', 'utf8'] : charset === 'utf8mb3' ? ['utf8mb3', 'utf8'] : [charset];
  const sameEnding = charsets.map((other) => other + name.slice(charset.length));
  const candidates = [
    ...sameEnding,
    ...endings.flatMap((ending) => charsets.map((one) => `${one}_${ending}`)),
  ];
  const others = [...available].filter((one) => charsets.some((set) => one.startsWith(`${set}_`))).sort();
  return candidates.find((candidate) => available.has(candidate)) ?? others[0];
}

/** Whether the target calls the three-byte character set `utf8mb3` (MariaDB 10.6, MySQL 8.0.30 and later). */
export const knowsUtf8mb3 = (available: ReadonlySet<string>): boolean =>
  available.size === 0 || [...available].some((name) => name.startsWith('utf8mb3_'));
