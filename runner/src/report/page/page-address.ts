import path from 'node:path';

/**
 * Where a person opens a page that this process wrote. In a shell that is its path. A build of the Jenkins library
 * archives what lies below its workspace, and nobody can open a path of the agent: there it is the artifact, by its
 * address, or by its name where Jenkins does not know its own address.
 * @param file absolute path of the page
 */
export function pageAddress(file: string, environment: NodeJS.ProcessEnv = process.env): string {
  const isLibraryBuild =
    environment['UNDERSTUDY_PARAMETERS'] !== undefined && environment['BUILD_NUMBER'] !== undefined;
  if (!isLibraryBuild) return file;
  const artifact = path.relative(process.cwd(), file);
  const build = environment['BUILD_URL'] ?? '';
  return build === '' ? `the artifact ${artifact}` : `${build}artifact/${artifact}`;
}
