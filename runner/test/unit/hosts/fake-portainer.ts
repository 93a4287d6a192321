import { createServer, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AddressInfo } from 'node:net';

/**
 * A Portainer with one stack, whose answers are those of its handlers (api/http/handler/stacks of portainer/portainer):
 * status codes, `{"message", "details"}`, `X-API-Key`, and a state that changes when the work is done, whether or not anyone still waits.
 */
export class FakePortainer {
  readonly stack = { Id: 3, Name: 'acme-staging', Type: 2, EndpointId: 1, Status: 1 };
  /** Whether containers of the stack are there; Portainer's own state may differ. */
  containers = true;
  calls: string[] = [];
  /** Before the real answer, one per call of this verb: a status that is given instead, or what happens meanwhile. */
  trouble: Record<string, (number | 'fails' | 'cut off' | (() => void))[]> = {};
  /** Milliseconds that stop and start take. */
  takes = 0;
  readonly #server: Server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const verb = /\/(stop|start)\?endpointId=1$/.exec(url)?.[1] ?? (method === 'GET' ? 'ask' : 'webhook');
    this.calls.push(verb);
    void this.#answer(verb, request.headers['x-api-key'] === 'a token', response);
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
  reset(): void {
    Object.assign(this.stack, { EndpointId: 1, Status: 1 });
    [this.containers, this.calls, this.trouble, this.takes] = [true, [], {}, 0];
  }

  async #answer(verb: string, hasToken: boolean, response: ServerResponse): Promise<void> {
    const say = (status: number, body: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    const refuse = (status: number, message: string, details = message): void => {
      say(status, { message, details });
    };
    const trouble = this.trouble[verb]?.shift();
    if (typeof trouble === 'number') {
      response.writeHead(trouble).end('<html>an answer of a proxy</html>');
      return;
    }
    if (typeof trouble === 'function') trouble();
    if (verb === 'webhook') {
      say(202, { stackId: 3, message: 'Deployment triggered.' });
      return;
    }
    if (!hasToken) {
      refuse(401, 'A valid authorization token is missing', 'Unauthorized');
      return;
    }
    if (verb === 'ask') {
      say(200, this.stack);
      return;
    }
    const { Name, Status } = this.stack;
    if (verb === 'start' && Status === 2 && this.containers) {
      refuse(409, `A stack with the name '${Name}' is already running`);
      return;
    }
    if (Status === (verb === 'stop' ? 2 : 1)) {
      refuse(400, verb === 'stop' ? 'Stack is already inactive' : 'Stack is already active');
      return;
    }
    if (trouble === 'fails') {
      refuse(500, `Unable to ${verb} stack`, 'failed to deploy a stack: exit status 1');
      return;
    }
    if (trouble === 'cut off') response.destroy();
    await sleep(this.takes);
    this.containers = verb === 'start';
    this.stack.Status = verb === 'start' ? 1 : 2;
    if (!response.destroyed) say(200, this.stack);
  }
}
