import { type StageContext } from '../stage.js';

/** What the preflight saw so short a time ago, the stage that begins now need not look at again. */
const FRESH_MS = 60_000;

type Asking = Pick<StageContext, 'hosts' | 'preflightConnections'>;

/**
 * The same answer for everybody who asks with one context. All preflights of a process share a context, so that they
 * look at a server once; a stage's run has a context of its own, and looks again where its preflight was not just now.
 */
export function perContext<Answer, Context extends Asking = StageContext>(
  look: (context: Context) => Promise<Answer>,
): (context: Context) => Promise<Answer> {
  const known = new WeakMap<Context, Promise<Answer>>();
  const newest = new WeakMap<
    StageContext['hosts'],
    { readonly answer: Promise<Answer>; readonly at: number }
  >();
  return (context) => {
    const isPreflight = context.preflightConnections !== undefined;
    const seen = isPreflight ? undefined : newest.get(context.hosts);
    const fresh = seen !== undefined && performance.now() - seen.at < FRESH_MS ? seen.answer : undefined;
    const answer = known.get(context) ?? fresh ?? look(context);
    known.set(context, answer);
    if (isPreflight) {
      newest.set(context.hosts, { answer, at: performance.now() });
      answer.catch(() => newest.delete(context.hosts));
    }
    return answer;
  };
}
