/** A plugin through which a copy acts on production's accounts elsewhere. */
export interface OutsideAccount {
  readonly plugin: string;
  /** Main files below the plugins folder, as `active_plugins` has them: one of each edition. */
  readonly files: readonly string[];
  readonly acts: string;
  /** What is changed in the copy, in words; undefined: the plugin has no switch, it is reported. */
  readonly off?: string;
  readonly changes?: readonly OptionChange[];
}

/** One option of the plugin: keys of its serialized array, or the option as a whole. Missing ones are left out. */
export interface OptionChange {
  readonly option: string;
  /** Key of the array → value, as text; a key that is not there is added. */
  readonly set?: Readonly<Record<string, string>>;
  /** Keys of the array that become empty texts: secrets. */
  readonly empty?: readonly string[];
  /** The whole option gets this value. */
  readonly value?: string;
}
