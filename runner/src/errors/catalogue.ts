import { backupCodes } from './codes/backup.js';
import { configCodes } from './codes/config.js';
import { contentCodes } from './codes/content.js';
import { databaseCodes } from './codes/database.js';
import { hostCodes } from './codes/hosts.js';
import { maintenanceCodes } from './codes/maintenance.js';
import { publishCodes } from './codes/publish.js';
import { rewriteCodes } from './codes/rewrite.js';
import { runCodes } from './codes/run.js';
import { jenkinsCodes } from './codes/jenkins.js';

/** Every error, warning and note a user can meet, by code. docs/errors.md is generated from it. */
export const catalogue = {
  ...backupCodes,
  ...configCodes,
  ...contentCodes,
  ...databaseCodes,
  ...hostCodes,
  ...jenkinsCodes,
  ...maintenanceCodes,
  ...publishCodes,
  ...rewriteCodes,
  ...runCodes,
};

export type Code = keyof typeof catalogue;

/** Codes that may end a process. */
export type ErrorCode = {
  [Name in Code]: (typeof catalogue)[Name] extends { readonly exit: unknown } ? Name : never;
}[Code];
