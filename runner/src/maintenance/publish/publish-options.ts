import { type PublishSettings } from '../../config/sections.js';
import { type Secret } from '../../errors/index.js';
import { type WritingHost } from '../../hosts/host.js';
import { type Reporter } from '../../report/events/reporter.js';
import { type CodeRules } from '../tree/code-rules.js';
import { type Tree } from '../tree/site-tree.js';
import { type GitRepository } from './git-repository.js';
import { type MessageSource } from './message.js';
import { type GitHubRepository } from './repository-address.js';

export interface PublishOptions {
  readonly repository: GitRepository;
  readonly host: WritingHost;
  /** The archive as it was read on its host just now: exactly this is published. */
  readonly tree: Tree;
  readonly rules: CodeRules;
  readonly settings: PublishSettings;
  readonly source: MessageSource;
  /** Only with `mode: pull-request`. */
  readonly pullRequest?: { readonly repository: GitHubRepository; readonly token: Secret };
  /** Undo what others committed to the code, with a commit on top. */
  readonly overwrite: boolean;
  /** Look and scan, but commit and push nothing. */
  readonly dryRun?: boolean;
  readonly reporter: Pick<Reporter, 'step' | 'warn'>;
  readonly signal: AbortSignal;
  readonly now?: Date;
}

export interface PublishOutcome {
  /** Oldest first; empty when there was nothing to commit. */
  readonly commits: readonly string[];
  readonly branch: string;
  /** Files that the commits change. */
  readonly changed: number;
  readonly tag?: string;
  readonly pullRequest?: string;
}
