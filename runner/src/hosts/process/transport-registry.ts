import { type ReadingHost } from '../host.js';
import { type Transport } from './transport.js';

const transports = new WeakMap<ReadingHost, Transport>();

/** Remembers what a host runs its commands through, for what is built on top of hosts in this folder. */
export function registerTransport<H extends ReadingHost>(host: H, transport: Transport): H {
  transports.set(host, transport);
  return host;
}

/** The same for a host that wraps another one. A stand-in of a test has none, and then neither has the wrapper. */
export function shareTransport<H extends ReadingHost>(wrapper: H, host: ReadingHost): H {
  const transport = transports.get(host);
  return transport ? registerTransport(wrapper, transport) : wrapper;
}

/** @throws TypeError for a host that was not made in this folder (a stand-in of a test). */
export function transportOf(host: ReadingHost): Transport {
  const transport = transports.get(host);
  if (!transport) throw new TypeError(`${host.label} has no transport`);
  return transport;
}
