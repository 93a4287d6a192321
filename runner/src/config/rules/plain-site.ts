import { mappingOf } from '../mapping.js';
import { type Complaint } from '../problem.js';
import { type Rule } from './rule.js';

/** A site that is not WordPress has no wp-config.php to read: its file names the databases. */
export const plainSite: Rule = (site) => {
  if (site.raw['type'] !== 'php') return [];
  const complaints: Complaint[] = [];
  if (mappingOf(mappingOf(site.raw['content'])['media'])['mode'] === 'read-through')
    complaints.push({
      path: ['content', 'media', 'mode'],
      message: 'Only WordPress sites read media through by themselves.',
      suggestion: "write mode: excluded, and give staging's web server the rule of docs/media.md",
    });
  for (const side of [site.production, site.staging]) {
    const database = mappingOf(side.raw['database']);
    for (const key of ['name', 'user', 'password'])
      if (database[key] === undefined)
        complaints.push({
          path: [side.side, 'database'],
          message: `The key ${key} is missing: only WordPress sites define it themselves.`,
        });
  }
  return complaints;
};
