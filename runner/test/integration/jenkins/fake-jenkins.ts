import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { textOfElement } from '../../../src/jenkins/job-xml.js';

interface FakeBuild {
  /** Pieces of the log; each question for it gets one more. */
  readonly log: readonly string[];
  readonly result: string;
  /** Questions for the queue item that are answered with "waiting". */
  readonly waits: number;
}

export interface FakeJenkins {
  readonly url: string;
  /** Full name (`understudy/acme/sync`) → config.xml. */
  readonly items: Map<string, string>;
  /** `folder name` → config.xml */
  readonly views: Map<string, string>;
  /** Verb and path of every request that changed something. */
  readonly changes: string[];
  readonly started: { readonly job: string; readonly parameters: Readonly<Record<string, string>> }[];
  build: FakeBuild;
  /** After this many more POSTs the session, and its crumb, end once. */
  forgetCrumbAfter: number;
  close(): Promise<void>;
}

export const LOGIN = { user: 'ada', token: '11aa22bb33cc' };

/**
 * Behaves as a Jenkins 2.479 does towards what the client asks: Basic login, crumbs bound to a session, 403 without,
 * items below folders, 400 for a name that is taken, 302 after a change, queue items, progressiveText, silent loss of
 * undeclared parameters, 500 for an illegal choice.
 */
export async function startFakeJenkins(prefix = ''): Promise<FakeJenkins> {
  const state = {
    items: new Map<string, string>(),
    views: new Map<string, string>(),
    changes: [] as string[],
    started: [] as { job: string; parameters: Record<string, string> }[],
    build: { log: ['hello\n'], result: 'SUCCESS', waits: 0 } as FakeBuild,
    forgetCrumbAfter: Infinity,
  };
  const session = {
    crumb: 'crumb-1',
    cookie: 'JSESSIONID=s1',
    waits: 0,
    logPieces: 0,
    cancelled: false,
    stopped: false,
  };
  const server = createServer((request, response) => {
    void body(request).then((text) => {
      answer(request, response, text);
    });
  });

  const send = (
    response: ServerResponse,
    status: number,
    text = '',
    headers: Record<string, string> = {},
  ): void => {
    response.writeHead(status, headers).end(text);
  };
  const answer = (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const login = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.token}`).toString('base64')}`;
    if (request.headers.authorization !== login) {
      send(response, 401, 'Unauthorized');
      return;
    }
    const url = new URL(request.url ?? '/', 'http://x');
    if (!url.pathname.startsWith(prefix)) {
      send(response, 404);
      return;
    }
    const pathname = url.pathname.slice(prefix.length);
    if (request.method === 'POST') post(pathname, url, text, request, response);
    else get(pathname, url, response);
  };

  const post = (
    pathname: string,
    url: URL,
    text: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    if (state.forgetCrumbAfter-- <= 0) {
      state.forgetCrumbAfter = Infinity;
      session.crumb = 'crumb-2';
      session.cookie = 'JSESSIONID=s2';
    }
    if (request.headers['jenkins-crumb'] !== session.crumb || request.headers.cookie !== session.cookie) {
      send(response, 403, 'No valid crumb was included in the request');
      return;
    }
    const { name, rest } = split(pathname);
    const child = url.searchParams.get('name') ?? '';
    if (rest === '/createItem') {
      const full = name === '' ? child : `${name}/${child}`;
      if (name !== '' && !state.items.has(name)) send(response, 404);
      else if (state.items.has(full)) send(response, 400, 'A job already exists with this name');
      else changed(response, `create ${full}`, () => state.items.set(full, text), 200);
    } else if (rest === '/createView') {
      changed(response, `view ${name}/${child}`, () => state.views.set(`${name} ${child}`, text), 200);
    } else if (/^\/view\/[^/]+\/config\.xml$/.test(rest)) {
      const view = decodeURIComponent(rest.split('/')[2] ?? '');
      changed(response, `view ${name}/${view}`, () => state.views.set(`${name} ${view}`, text), 200);
    } else if (pathname.startsWith('/queue/cancelItem')) {
      session.cancelled = true;
      changed(response, 'cancel', () => undefined, 302);
    } else if (!state.items.has(name)) send(response, 404);
    else if (rest === '/config.xml')
      changed(response, `update ${name}`, () => state.items.set(name, text), 200);
    else if (rest === '/disable') {
      const disabled = (state.items.get(name) ?? '').replace('<disabled>false', '<disabled>true');
      changed(response, `disable ${name}`, () => state.items.set(name, disabled), 302);
    } else if (rest.endsWith('/stop')) {
      session.stopped = true;
      changed(response, `stop ${name}`, () => undefined, 302);
    } else if (rest === '/build' && declared(name).length > 0)
      send(response, 400, 'This page expects a form submission');
    else if (rest === '/build' || rest === '/buildWithParameters') start(name, text, response);
    else send(response, 404);
  };

  const changed = (response: ServerResponse, what: string, change: () => unknown, status: number): void => {
    state.changes.push(what);
    change();
    send(response, status, '', status === 302 ? { location: 'elsewhere' } : {});
  };

  const start = (name: string, text: string, response: ServerResponse): void => {
    const given = Object.fromEntries(new URLSearchParams(text));
    if ('LEVEL' in given && !['low', 'high'].includes(given['LEVEL'] ?? '')) {
      send(response, 500, 'java.lang.IllegalArgumentException: Illegal choice for parameter LEVEL');
      return;
    }
    const known = declared(name);
    state.started.push({
      job: name,
      parameters: Object.fromEntries(Object.entries(given).filter(([key]) => known.includes(key))),
    });
    session.waits = 0;
    session.logPieces = 0;
    // A Jenkins behind a proxy may not know its own address.
    send(response, 201, '', { location: 'http://wrong.example:8080/queue/item/77/' });
  };

  const declared = (name: string): string[] =>
    [...(state.items.get(name) ?? '').matchAll(/ParameterDefinition><name>(\w+)</g)].map(
      (match) => match[1] ?? '',
    );

  const get = (pathname: string, url: URL, response: ServerResponse): void => {
    const json = (value: unknown): void => {
      send(response, 200, JSON.stringify(value), { 'content-type': 'application/json' });
    };
    if (pathname === '/crumbIssuer/api/json') {
      response.setHeader('set-cookie', `${session.cookie}; Path=/; HttpOnly`);
      json({ crumb: session.crumb, crumbRequestField: 'Jenkins-Crumb' });
      return;
    }
    if (pathname === '/queue/item/77/api/json') {
      const waiting = session.waits++ < state.build.waits;
      json(
        session.cancelled
          ? { cancelled: true }
          : waiting
            ? { why: `In the quiet period. Expires in ${String(9 - session.waits)} sec` }
            : { executable: { number: 5, url: 'http://wrong.example/' } },
      );
      return;
    }
    const { name, rest } = split(pathname);
    const view = /^\/view\/([^/]+)\/config\.xml$/.exec(rest)?.[1];
    const stored =
      view === undefined ? state.items.get(name) : state.views.get(`${name} ${decodeURIComponent(view)}`);
    if (stored === undefined) send(response, 404);
    else if (rest.endsWith('/config.xml'))
      send(response, 200, stored.replace('<flow-definition>', '<flow-definition plugin="workflow-job@1">'));
    else if (rest === '/5/logText/progressiveText') log(response, Number(url.searchParams.get('start')));
    else if (rest === '/5/api/json') {
      const over = session.stopped || session.logPieces >= state.build.log.length;
      json({ building: !over, result: over ? (session.stopped ? 'ABORTED' : state.build.result) : null });
    } else if (rest === '/api/json') json(described(name, stored));
    else send(response, 404);
  };

  const log = (response: ServerResponse, start: number): void => {
    session.logPieces = Math.min(session.logPieces + 1, state.build.log.length);
    const all = state.build.log.slice(0, session.logPieces).join('');
    const more: Record<string, string> =
      session.logPieces < state.build.log.length ? { 'x-more-data': 'true' } : {};
    send(response, 200, all.slice(start), { 'x-text-size': String(all.length), ...more });
  };

  const described = (name: string, xml: string): unknown => ({
    _class: xml.includes('<flow-definition') ? 'WorkflowJob' : 'Folder',
    buildable: xml.includes('<flow-definition') && !xml.includes('<disabled>true'),
    property: [
      {},
      {
        parameterDefinitions: [
          ...[...xml.matchAll(/hudson\.model\.(\w+ParameterDefinition)><name>(\w+)</g)].map(
            ([, type, parameter]) => ({
              name: parameter,
              type,
              ...(parameter === 'LEVEL' ? { choices: ['low', 'high'] } : {}),
            }),
          ),
        ],
      },
    ],
    jobs: children(name),
  });
  const children = (folder: string): unknown[] =>
    [...state.items]
      .filter(([name]) => name.startsWith(`${folder}/`) && !name.slice(folder.length + 1).includes('/'))
      .map(([name, xml]) => ({
        name: name.slice(folder.length + 1),
        description: textOfElement(xml, 'description'),
        ...(xml.includes('<flow-definition')
          ? { color: xml.includes('<disabled>true') ? 'disabled' : 'notbuilt' }
          : { jobs: children(name) }),
      }));

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${String(port)}${prefix}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  });
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** `/job/a/job/b/config.xml` → `a/b` and `/config.xml`. */
function split(pathname: string): { readonly name: string; readonly rest: string } {
  const match = /^((?:\/job\/[^/]+)*)(.*)$/.exec(pathname);
  const parts = (match?.[1] ?? '').split('/job/').filter((part) => part !== '');
  return { name: parts.map(decodeURIComponent).join('/'), rest: match?.[2] ?? '' };
}
