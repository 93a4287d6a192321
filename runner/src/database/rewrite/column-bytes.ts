import { quoteIdentifier } from '../../commands/quote.js';
import { type Column } from './tables.js';

/**
 * How the bytes that PHP sees in a column are read and written back, whatever the connection speaks.
 * PHP counts the lengths in serialized values in bytes of the site's own connection (`DB_CHARSET`), so text whose
 * column has another character set is converted by the server on the way out and on the way in.
 */
export interface ColumnBytes {
  readonly column: Column;
  /** Expression of binary bytes: what PHP sees. */
  readonly read: string;
  /** Expression that is 1 where `read` is converted and 0 where a conversion would lose characters. */
  readonly converted: string | undefined;
  /** Character set of the bytes; undefined: bytes without one. */
  readonly charset: string | undefined;
  /** The column's stored bytes; the same as `read` where nothing is converted. */
  readonly stored: string;
}

/** What WordPress really speaks for a DB_CHARSET: `wpdb::determine_charset()` makes utf8mb4 of utf8. */
export function effectiveCharset(charset: string): string {
  const name = charset.trim().toLowerCase();
  return name === '' || name === 'utf8' || name === 'utf8mb3' ? 'utf8mb4' : name;
}

/** The bytes of a text. Not `CAST(… AS BINARY)`: MariaDB checks every character for it, at four times the cost. */
const bytesOf = (expression: string): string => `CONVERT(${expression} USING binary)`;

const SAFE_NAME = /^[a-z0-9]+$/;

/** @param siteCharset {@link effectiveCharset} of the site's DB_CHARSET */
export function columnBytes(column: Column, siteCharset: string): ColumnBytes {
  const name = quoteIdentifier(column.name);
  if (column.kind === 'json') {
    const read = `CAST(CAST(${name} AS CHAR CHARACTER SET utf8mb4) AS BINARY)`;
    return { column, read, converted: undefined, charset: 'utf8mb4', stored: read };
  }
  const stored = bytesOf(name);
  const own = column.charset;
  if (own === undefined || own === 'binary' || sameBytes(own, siteCharset))
    return {
      column,
      read: stored,
      converted: undefined,
      charset: own === 'binary' ? undefined : own,
      stored,
    };
  if (!SAFE_NAME.test(own) || !SAFE_NAME.test(siteCharset)) throw new TypeError('not a character set');
  const converted = `CONVERT(${name} USING ${siteCharset})`;
  if (siteCharset === 'utf8mb4')
    return { column, read: bytesOf(converted), converted: undefined, charset: 'utf8mb4', stored };
  const lossless = `${bytesOf(`CONVERT(${converted} USING ${own})`)} <=> ${stored}`;
  return {
    column,
    read: `IF(${lossless}, ${bytesOf(converted)}, ${stored})`,
    converted: `(${lossless})`,
    charset: siteCharset,
    stored,
  };
}

const sameBytes = (own: string, site: string): boolean =>
  own === site || (site === 'utf8mb4' && (own === 'utf8' || own === 'utf8mb3' || own === 'ascii'));

/** Whether ASCII takes more than a byte in a character set. */
export const isWide = (charset: string | null | undefined): boolean =>
  /^(ucs2|utf16|utf16le|utf32)$/.test(charset ?? '');

/** The cheapest expression in which ASCII needles can be searched: stored bytes unless they are wider than a byte. */
export const searchedBytes = (bytes: ColumnBytes, asciiOnly: boolean): string =>
  asciiOnly && !isWide(bytes.column.charset) ? bytes.stored : bytes.read;

/** A literal with exactly these bytes for a column. @param converted the row's value of {@link ColumnBytes.converted} */
export function literal(bytes: ColumnBytes, value: Buffer, converted: boolean): string {
  const charset = converted ? bytes.charset : bytes.column.charset;
  return `${charset === undefined ? '_binary ' : `_${charset} `}X'${value.toString('hex')}'`;
}
