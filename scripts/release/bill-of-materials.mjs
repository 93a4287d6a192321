import { execFileSync } from 'node:child_process';

/** The libraries of the runner as CycloneDX, as npm writes it, without the address from which this machine had them. */
export function billOfMaterials(top) {
  const words = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'];
  const bill = JSON.parse(execFileSync('npm', words, { cwd: top, encoding: 'utf8', maxBuffer: 1 << 26 }));
  // npm takes the folder's name.
  bill.metadata.component.name = 'understudy';
  bill.metadata.component.type = 'application';
  for (const component of bill.components)
    component.externalReferences = component.externalReferences?.filter(
      ({ type }) => type !== 'distribution',
    );
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}
