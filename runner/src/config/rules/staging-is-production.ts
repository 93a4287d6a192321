import { type DraftSide, type DraftSite } from '../load/draft.js';
import { containsPath, normalizePath } from '../formats/paths.js';
import { type Complaint } from '../problem.js';
import { nameOf, sameMachine, sameServer } from './same-machine.js';
import { type PairRule, type Rule } from './rule.js';
import { sameUrl } from './url-identity.js';

/** Static guard, within one file: staging has production's address, files or database. */
export const stagingIsProduction: Rule = (site) =>
  compareWithProduction(site.staging, site.production, 'production');

/** Static guard, across files: the staging of this site is the production of another. */
export const stagingIsAnothersProduction: PairRule = (site, other) =>
  compareWithProduction(site.staging, other.production, `production of the site ${other.name}`);

function compareWithProduction(staging: DraftSide, production: DraftSide, whose: string): Complaint[] {
  return [
    ...(sameUrl(staging.url, production.url)
      ? [{ path: ['staging', 'url'], message: `Staging has the URL of ${whose}.` }]
      : []),
    ...compareFiles(staging, production, whose),
    ...compareDatabases(staging, production, whose),
  ];
}

function compareFiles(staging: DraftSide, production: DraftSide, whose: string): Complaint[] {
  if (!staging.address || !production.address || !staging.path || !production.path) return [];
  if (!sameMachine(staging.address, production.address)) return [];
  const relation = relationOf(staging.path, production.path);
  if (relation === undefined) return [];
  return [
    {
      path: ['staging', 'path'],
      message: `Staging's folder ${relation} the folder of ${whose} on ${nameOf(production.address)}.`,
      suggestion: 'give staging a folder of its own, beside production’s and not in it',
    },
  ];
}

function relationOf(path: string, other: string): string | undefined {
  if (normalizePath(path) === normalizePath(other)) return 'is';
  if (containsPath(other, path)) return 'lies in';
  return containsPath(path, other) ? 'holds' : undefined;
}

function compareDatabases(staging: DraftSide, production: DraftSide, whose: string): Complaint[] {
  const same = sameServer(staging.database, production.database);
  if (same !== true) return [];
  const [name, other] = [staging.database.name, production.database.name];
  if (name !== undefined && name.toLowerCase() === other?.toLowerCase())
    return [
      { path: ['staging', 'database', 'name'], message: `Staging's database is the database of ${whose}.` },
    ];
  if (staging.raw['sharesServer'] === true) return [];
  return [
    {
      path: ['staging', 'database'],
      message: `Staging's database lies on the server of ${whose}.`,
      suggestion: 'if this is intended, write staging.sharesServer: true',
    },
  ];
}

/** Two sites must not have one staging: the second sync would replace the first one's copy. */
export const stagingsOverlap: PairRule = (site, other) => {
  const complaints: Complaint[] = [];
  const [mine, theirs] = [site.staging, other.staging];
  const whose = `staging of the site ${other.name}`;
  if (sameUrl(mine.url, theirs.url))
    complaints.push({ path: ['staging', 'url'], message: `Staging has the URL of ${whose}.` });
  if (mine.address && theirs.address && sameMachine(mine.address, theirs.address)) {
    const relation = mine.path && theirs.path ? relationOf(mine.path, theirs.path) : undefined;
    if (relation !== undefined)
      complaints.push({
        path: ['staging', 'path'],
        message: `Staging's folder ${relation} the folder of ${whose}.`,
      });
    if (normalizePath(mine.workDir) === normalizePath(theirs.workDir))
      complaints.push({ path: ['staging', 'workDir'], message: `Staging has the work folder of ${whose}.` });
  }
  const database = mine.database.name?.toLowerCase();
  if (
    database !== undefined &&
    database === theirs.database.name?.toLowerCase() &&
    sameServer(mine.database, theirs.database)
  )
    complaints.push({
      path: ['staging', 'database', 'name'],
      message: `Staging's database is the database of ${whose}.`,
    });
  return complaints;
};

/** The archive is a folder of its own: neither side's files lie in it, and it lies in neither. */
export const archiveOverlaps: Rule = ({ archive, production, staging }: DraftSite) =>
  [production, staging].flatMap((side) => {
    if (!archive?.path || !side.path || !side.address || !sameMachine(archive.address, side.address))
      return [];
    const relation = relationOf(archive.path, side.path);
    return relation === undefined
      ? []
      : [
          {
            path: ['archive', 'path'],
            message: `The archive's folder ${relation} the folder of ${side.side}.`,
          },
        ];
  });
