import { type StageContext } from '../stage.js';

/**
 * The same answer for everybody who asks with one context. All preflights of a process share a context, so that they
 * look at a server once; a stage's run has a context of its own and looks again.
 */
export function perContext<Answer>(
  look: (context: StageContext) => Promise<Answer>,
): (context: StageContext) => Promise<Answer> {
  const known = new WeakMap<StageContext, Promise<Answer>>();
  return (context) => {
    const answer = known.get(context) ?? look(context);
    known.set(context, answer);
    return answer;
  };
}
