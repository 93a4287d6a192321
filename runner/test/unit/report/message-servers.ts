import { createServer as createWebServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const portOf = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

export interface MailServer {
  readonly port: number;
  /** What it was told, line by line. */
  readonly lines: string[];
  /** The texts of the messages that it took, decoded. */
  texts(): string[];
  close(): void;
}

/** A mail server on loopback that takes everything. */
export async function mailServer(): Promise<MailServer> {
  const lines: string[] = [];
  const server = createServer((socket: Socket) => {
    let inData = false;
    socket.write('220 test\r\n');
    socket.setEncoding('utf8').on('data', (chunk: unknown) => {
      for (const line of String(chunk).split('\r\n').filter(Boolean)) {
        lines.push(line);
        if (inData) {
          if (line !== '.') continue;
          inData = false;
          socket.write('250 taken\r\n');
        } else if (/^EHLO/.test(line)) socket.write('250-test\r\n250 8BITMIME\r\n');
        else if (line === 'DATA') {
          inData = true;
          socket.write('354 go on\r\n');
        } else if (line === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
    socket.on('error', () => undefined);
  });
  const port = await portOf(server);
  return {
    port,
    lines,
    texts: () =>
      lines
        .join('\n')
        .split(/^Content-Transfer-Encoding: base64$/m)
        .slice(1)
        .map((rest) => Buffer.from(rest.split(/^\.$/m)[0] ?? '', 'base64').toString('utf8')),
    close: () => server.close(),
  };
}

export interface WebServer {
  readonly address: string;
  /** What was sent, by path, in order. */
  readonly taken: { readonly path: string; readonly body: string }[];
  close(): void;
}

/** A web server on loopback that takes every POST; `statuses` says what it answers on a path, default 204. */
export async function webServer(statuses: Readonly<Record<string, number>> = {}): Promise<WebServer> {
  const taken: WebServer['taken'] = [];
  const server = createWebServer((request, response) => {
    let body = '';
    const path = request.url ?? '';
    request.setEncoding('utf8').on('data', (chunk: unknown) => (body += String(chunk)));
    request.on('end', () => {
      taken.push({ path, body });
      response.writeHead(statuses[path] ?? 204).end();
    });
  });
  const port = await portOf(server);
  return {
    address: `http://127.0.0.1:${String(port)}`,
    taken,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
