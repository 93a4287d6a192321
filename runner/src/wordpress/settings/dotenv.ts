/**
 * The variables of a .env file, as phpdotenv reads it; one whose value is computed (`${OTHER}`) is left out. Pure.
 * Form: https://github.com/vlucas/phpdotenv
 */
export function parseDotenv(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const line =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\r\n#]*?))[ \t]*(?:#[^\r\n]*)?$/gm;
  for (const [, name = '', single, double, plain] of text.matchAll(line)) {
    const value = single ?? double?.replaceAll(/\\(["\\$])/g, '$1') ?? plain ?? '';
    if (single !== undefined || !/\$\{|\\[nrtfv]/.test(double ?? plain ?? '')) values.set(name, value);
  }
  return values;
}
