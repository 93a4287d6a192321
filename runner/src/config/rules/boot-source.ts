import { mappingOf } from '../mapping.js';
import { type Rule } from './rule.js';

const SECTIONS: Readonly<Record<string, string>> = { archive: 'archive', repository: 'publish' };

/** An instance refresh would bring old code where instances take it from something that no command fills. */
export const bootSource: Rule = ({ raw }) => {
  const { instancesBootFrom: source, instanceRefresh } = mappingOf(raw['maintenance']);
  const section = typeof source === 'string' && instanceRefresh === true ? SECTIONS[source] : undefined;
  if (section === undefined || raw[section] !== undefined) return [];
  return [
    {
      path: ['maintenance', 'instancesBootFrom'],
      message: `New instances take their code from the ${String(source)}, and the section ${section} is missing.`,
      suggestion: `add ${section}, or let instanceRefresh be false`,
    },
  ];
};
