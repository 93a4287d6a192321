/** Why updates that waited for a person were not promoted, as the Jenkins bridge says it, and how a message does. */
export const NOT_APPROVED = {
  rejected: 'were rejected',
  late: 'were not approved in time',
  'rejected-or-stopped': 'were rejected, or the build was stopped',
  stopped: 'waited for their approval when the build was stopped',
} as const;

export type NotApproved = keyof typeof NOT_APPROVED;
