import { type Connection } from 'mysql2';

/** Of mysql2's connection, what sending ahead rests on (mysql2 3: lib/base/connection.js, lib/commands/query.js). */
interface Driver {
  /** The command whose answer is being read. */
  readonly _command: Sendable | null | undefined;
  /** Of the packet that is written or read next. */
  sequenceId: number;
  addCommand(command: Sendable): Sendable;
}

interface Sendable {
  /** Writes the command; returns what reads the first packet of its answer. */
  start: (packet: unknown, connection: Driver) => unknown;
}

/**
 * Lets statements that are asked for while another one runs go out at once, instead of each after the former's answer:
 * ten questions of a `Promise.all` take one round trip instead of ten. Servers read one statement after the other from
 * the connection, so order, results and errors are the same; as before, one that fails does not stop those after it.
 * @returns false where this mysql2 is made otherwise inside: statements then wait for one another, as it has them
 */
export function sendAhead(connection: Connection): boolean {
  const driver: unknown = connection;
  if (!isDriver(driver)) return false;
  const add = driver.addCommand.bind(driver);
  driver.addCommand = (command) => {
    const waits = driver._command !== undefined && driver._command !== null;
    add(command);
    if (waits && typeof command.start === 'function') writeNow(driver, command);
    return command;
  };
  return true;
}

/** Of a connection that has nothing to do at the moment. */
const isDriver = (value: unknown): value is Driver => {
  if (typeof value !== 'object' || value === null) return false;
  const { _command, sequenceId, addCommand } = value as Partial<Driver>;
  return (
    '_command' in value &&
    (_command === undefined || _command === null) &&
    typeof sequenceId === 'number' &&
    typeof addCommand === 'function'
  );
};

function writeNow(driver: Driver, command: Sendable): void {
  const reading = driver.sequenceId;
  driver.sequenceId = 0;
  const readAnswer = command.start(undefined, driver);
  const written = driver.sequenceId;
  driver.sequenceId = reading;
  // The goodbye has no answer. Whatever else comes is not known, so nothing may be read as an answer any more.
  if ((typeof readAnswer !== 'function' && readAnswer !== null) || written === 0)
    throw new TypeError('mysql2 does not write a command when it is started');
  // In its turn there is nothing left to write, and its answer counts on from what was written.
  command.start = () => {
    driver.sequenceId = written;
    return readAnswer;
  };
}
