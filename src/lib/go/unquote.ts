const simple: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
]);

const unit =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))|([^\\])/gsuy;

/**
 * Returns the text inside quotes with Go's escapes such as `\n`, `\x41` and `\u00e4` replaced; undefined if it is not valid
 * in Go. Source: strconv.UnquoteChar.
 *
 * @param body the text without the quotes
 */
export function unquoteBody(body: string, quote: '"' | "'"): string | undefined {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  let end = 0;
  for (const match of body.matchAll(unit)) {
    end = match.index + match[0].length;
    const [, byte, short, long, octal, letter, character] = match;
    if (character === quote || ((letter === '"' || letter === "'") && letter !== quote)) return undefined;
    const code = short ?? long;
    if (character !== undefined) bytes.push(...encoder.encode(character));
    else if (letter !== undefined) bytes.push(simple.get(letter) ?? letter.charCodeAt(0));
    else if (code !== undefined) {
      const point = Number.parseInt(code, 16);
      if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return undefined;
      bytes.push(...encoder.encode(String.fromCodePoint(point)));
    } else {
      const value = byte === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(byte, 16);
      if (value > 255) return undefined;
      bytes.push(value);
    }
  }
  return end === body.length ? new TextDecoder().decode(Uint8Array.from(bytes)) : undefined;
}
