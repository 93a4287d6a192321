import { documentValidator } from '../../config/schema/document-validator.js';
import * as json from '../../config/schema/shapes.js';

export interface PreserveSettings {
  readonly schema: string;
  readonly prefix: string;
  readonly keepOptions: readonly string[];
  readonly keepUsers: 'administrators' | readonly string[];
}

const text = json.text();

const preservedRows = json.record({
  version: json.constant(2),
  /** False for a staging that had no WordPress yet: then nothing is removed from the copy either. */
  existed: json.flag,
  options: json.listOf(json.record({ table: text, name: text, value: text, autoload: text })),
  users: json.listOf(
    json.record({
      /** The site file names the user, or no sync brought it. False: nobody recorded who came from where. */
      isOwn: json.flag,
      row: json.mapOf(json.textOrNull),
      meta: json.listOf(json.record({ key: text, value: json.textOrNull })),
    }),
  ),
  /** Logins of the network's super administrators. */
  superAdmins: json.listOf(text),
});
/** Rows of the former staging that outlive a sync. Texts as base64 of their UTF-8 bytes would hold: plain JSON. */
export type PreservedRows = json.ShapeOf<typeof preservedRows>;

/** The shape of what is stored between two stages. */
export const preservedDocument = documentValidator(preservedRows);
