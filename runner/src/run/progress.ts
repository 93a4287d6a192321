/** How far a piece of work is. Producers call it as often as they like; the reporter thins it out. */
export interface Progress {
  readonly done: number;
  /** Undefined when nobody can know. */
  readonly total?: number;
  readonly unit: 'bytes' | 'rows' | 'files' | 'tables' | 'pages';
}
export type OnProgress = (progress: Progress) => void;
