/** What the process ends with. Jenkins and scripts read these; they do not change. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  preflight: 3,
  /** A stage failed; staging serves what it served before. */
  stageFailed: 4,
  /** A proof failed after cutover. */
  verificationFailed: 5,
  locked: 6,
  /** Staging needs repair; the message is the command. */
  needsRepair: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
