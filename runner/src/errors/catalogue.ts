import { backupCodes } from './codes/backup.js';
import { configCodes } from './codes/config.js';
import { contentCodes } from './codes/content.js';
import { databaseCodes } from './codes/database.js';
import { hostCodes } from './codes/hosts.js';
import { maintenanceCodes } from './codes/maintenance.js';
import { rewriteCodes } from './codes/rewrite.js';
import { runCodes } from './codes/run.js';
import { jenkinsCodes } from './codes/jenkins.js';

/** Every error a user can meet, by code. docs/errors.md is generated from it. */
export const catalogue = {
  ...backupCodes,
  ...configCodes,
  ...contentCodes,
  ...databaseCodes,
  ...hostCodes,
  ...jenkinsCodes,
  ...maintenanceCodes,
  ...rewriteCodes,
  ...runCodes,
};

export type ErrorCode = keyof typeof catalogue;
