// Started by a test: opens an agent, tells its socket and waits to be killed.
import { PrivateAgent } from '../../../src/hosts/route/private-agent.js';

const agent = await PrivateAgent.start();
process.stdout.write(`${agent.socket}\n`);
setInterval(() => undefined, 1000);
