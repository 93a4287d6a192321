/** The six stages: order, names and labels. Jenkins, CLI, docs and tests take them from here. */
export const STAGES = [
  { name: 'sync-content', label: 'Sync content', changes: 'staging' },
  { name: 'backup-database', label: 'Back up production database', changes: 'production' },
  { name: 'transfer-backup', label: 'Transfer backup', changes: 'staging' },
  { name: 'drop-database', label: 'Drop staging database', changes: 'staging' },
  { name: 'import-database', label: 'Import database', changes: 'staging' },
  { name: 'rewrite-urls', label: 'Rewrite URLs', changes: 'staging' },
] as const;

export type StageName = (typeof STAGES)[number]['name'];

export const isStageName = (text: string): text is StageName => STAGES.some(({ name }) => name === text);

/** The stages that apply to a type of site, in order. */
export const stagesOf = (type: 'wordpress' | 'php'): readonly StageName[] =>
  STAGES.map((stage) => stage.name).filter((name) => name !== 'rewrite-urls' || type === 'wordpress');
