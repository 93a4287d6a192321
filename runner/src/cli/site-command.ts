import type { Site } from '../config/site.js';
import type { Session } from '../pipelines/session/session.js';
import { type Call, type CommandDefinition, defineCommand, SITE_WORD } from './define-command.js';
import { type FlagValues, parametersOf, type SiteParameters } from './parameters-of.js';
import { type SessionNeeds, withSession } from './with-session.js';
import { type Outcome } from '../run/result.js';

interface SiteCall<Flags extends object> extends Call<Flags> {
  readonly parameters: SiteParameters;
}

/** A command that works on one site, over the connections of a session. */
export interface SiteCommand<Flags extends FlagValues> extends Omit<
  CommandDefinition<Flags>,
  'run' | 'asks'
> {
  readonly needs?: Omit<SessionNeeds, 'question'>;
  /** What of the command line can be refused before anything is loaded. @throws USAGE */
  before?(call: SiteCall<Flags>): void;
  /** What a person on a terminal is asked before anything is done; undefined: nothing. */
  question?(site: Site, parameters: SiteParameters): string | undefined;
  /**
   * Imports its work itself: what a command does not need is not loaded, and the rest while the hosts answer.
   * @returns the run id and one line for the build's description
   */
  work(session: Session, call: SiteCall<Flags>): Promise<Outcome>;
}

export function siteCommand<Flags extends FlagValues>(
  definition: SiteCommand<Flags>,
): CommandDefinition<Flags> {
  const { needs = {}, before, question, work, ...rest } = definition;
  return defineCommand<Flags>({
    words: [SITE_WORD],
    ...(question === undefined ? {} : { asks: true }),
    ...rest,
    run: (call) => {
      const parameters = parametersOf(call.name, call.words[0], call.flags);
      const siteCall = { ...call, parameters };
      before?.(siteCall);
      return withSession(call, parameters.site, (session) => work(session, siteCall), {
        ...needs,
        ...(question === undefined ? {} : { question: (site: Site) => question(site, parameters) }),
      });
    },
  });
}
