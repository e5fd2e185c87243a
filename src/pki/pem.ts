/** PEM (RFC 7468), read as leniently as by Go's encoding/pem. Text around the blocks is ignored. */

export interface PemBlock {
  /** The type, such as `CERTIFICATE` or `RSA PRIVATE KEY`. */
  readonly type: string;
  /** The RFC 1421 headers. An encrypted key in OpenSSL's old form has `Proc-Type: 4,ENCRYPTED`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly der: Uint8Array<ArrayBuffer>;
}

const beginLine = /^-----BEGIN ([^\r\n]*?)-----[ \t]*\r?$/;
const headerLine = /^([A-Za-z0-9-]+):[ \t]*(.*)$/;
const base64Text = /^[A-Za-z0-9+/]*={0,2}$/;

/** The well-formed blocks of a text, in order. Broken ones are ignored. */
export function parsePem(text: string): PemBlock[] {
  const lines = text.split('\n');
  const blocks: PemBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const type = beginLine.exec(lines[at] ?? '')?.[1];
    if (type === undefined) continue;
    const end = endOf(lines, at + 1, type);
    if (end === undefined) continue;
    const block = parseBody(type, lines.slice(at + 1, end));
    if (block !== undefined) blocks.push(block);
    at = end;
  }
  return blocks;
}

/** The index of the END line; undefined if it is missing or if another block begins before it. */
function endOf(lines: readonly string[], from: number, type: string): number | undefined {
  for (let at = from; at < lines.length; at++) {
    const line = (lines[at] ?? '').trimEnd();
    if (line === `-----END ${type}-----`) return at;
    if (line.startsWith('-----')) return undefined;
  }
  return undefined;
}

function parseBody(type: string, lines: readonly string[]): PemBlock | undefined {
  const headers: Record<string, string> = {};
  let base64 = '';
  for (const line of lines.map((text) => text.trim())) {
    const header = headerLine.exec(line);
    if (header?.[1] !== undefined && base64 === '') headers[header[1]] = header[2] ?? '';
    else base64 += line;
  }
  if (!base64Text.test(base64) || base64.length % 4 !== 0) return undefined;
  return { type, headers, der: new Uint8Array(Buffer.from(base64, 'base64')) };
}

/** Writes one block with lines of 64 characters and a line feed at its end. */
export function encodePem(type: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `${[`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`].join('\n')}\n`;
}
