import { type Mode } from './fault-world.js';

/** A step by the words with which the runner begins it. */
export interface Step {
  readonly name: string;
  readonly text: RegExp;
  /** Staging's former copy is not served any more by its database (replace mode). */
  readonly behindPage?: boolean;
}

const step = (name: string, text: RegExp, behindPage = false): Step => ({ name, text, behindPage });

const UNTIL_TRANSFER: readonly Step[] = [
  step('preflight', /^/),
  step('compare files', /Comparing the files/),
  step('copy files', /Copying /),
  step('dump', /Dump acme_production/),
  step('transfer', /Send the backup/),
];

const IMPORT = (behind: boolean): readonly Step[] => [
  step('read backup', /Comparing the backup/, behind),
  step('make tables', /Making [\d,]+ tables?/, behind),
  step('import rows', /Importing rows/, behind),
  step('make objects', /Creating and proving views/, behind),
  step('rewrite', /Rewriting http/, behind),
  step('sanitize', /Sanitizing the copy/, behind),
  step('leak check', /Proving that nothing points/, behind),
];

const ACTIVATE: readonly Step[] = [
  step('files into place', /Putting the files in place/, true),
  step('objects', /Creating views, routines/, true),
  step('read settings', /Reading staging's settings again/, true),
  step('ask plugin', /Asking staging whether/, true),
  step('read pages', /Reading the staging pages/),
];

/** In the order in which a sync takes them. */
export const SYNC_STEPS: Readonly<Record<Mode, readonly Step[]>> = {
  swap: [
    ...UNTIL_TRANSFER,
    step('incoming schema', /Making acme_staging_understudy/),
    ...IMPORT(false),
    step('drain requests', /Waiting for running requests/, true),
    step('drop triggers', /Dropping the triggers/, true),
    ...ACTIVATE.slice(0, 1),
    step('rename tables', /Renaming /, true),
    ...ACTIVATE.slice(1),
  ],
  replace: [
    ...UNTIL_TRANSFER,
    step('staging backup', /Backing up what staging serves/),
    step('empty the schema', /Emptying the live schema/, true),
    ...IMPORT(true),
    ...ACTIVATE,
  ],
};

export const ROLLBACK_STEPS: Readonly<Record<Mode, readonly Step[]>> = {
  swap: [
    step('go back', /Going back to/),
    step('drop triggers', /Dropping the triggers/, true),
    step('files into place', /Putting the files in place/, true),
    step('rename tables', /Renaming /, true),
    step('objects', /Creating views, routines/, true),
  ],
  replace: [
    step('go back', /Going back to/),
    step('staging backup', /Backing up what staging serves/),
    step('empty the schema', /Emptying the live schema/, true),
    step('import rows', /Importing rows/, true),
    step('files into place', /Putting the files in place/, true),
  ],
};

export const UPDATE_STEPS: readonly Step[] = [
  step('checks before', /Checks before the updates/),
  step('choose', / to update: /),
  step('update a plugin', /Acme Good: 1\.0 →/),
  step('update a plugin with a table', /Acme Seats: 1\.0 →/),
  step('record it', /Acme Seats: updated/),
];
