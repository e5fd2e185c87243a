/** Random damage to texts: cuts, repeated parts, foreign characters and bytes, and the oddities of YAML. */
import fc from 'fast-check';

/** Changes a text. A result of bytes is not valid UTF-8. */
export type Damage = (text: string) => string | Uint8Array;

const place = fc.nat(10_000);
const at = (text: string, where: number): number => Math.floor((text.length * where) / 10_001);
const insert = (text: string, index: number, part: string): string =>
  text.slice(0, index) + part + text.slice(index);

const signs = fc.constantFrom(
  ...[
    '\t',
    '\u0000',
    '\r',
    '\r\n',
    '\n',
    ' ',
    '  ',
    '\ufeff',
    '\u0085',
    '\u2028',
    '\u007f',
    '\u001b',
    '\ud800',
    '😀',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    '- ',
    '? ',
    ',',
    '"',
    "'",
    '\\',
    '#',
    ' #',
    '|',
    '>',
    '%',
    '@',
    '`',
    '!',
    '&',
    '*',
  ],
  ...[
    '---\n',
    '\n---\n',
    '...\n',
    '<<: ',
    '&a ',
    '*a',
    '!!binary ',
    '!!int ',
    '!t ',
    '"\\x00"',
    '"\\ud800"',
    '~',
  ],
  ...[
    '99999999999999999999',
    '1e999',
    '0x1F',
    '0o17',
    '017',
    '1_000',
    '.inf',
    '.nan',
    '-',
    '+',
    'null',
    'yes',
  ],
  ...['__proto__', 'constructor', '/../', '-----', '=', '%00'],
);

const small: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(place, signs).map(
    ([where, sign]): Damage =>
      (text) =>
        insert(text, at(text, where), sign),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 12 })).map(
    ([where, length]): Damage =>
      (text) =>
        text.slice(0, at(text, where)) + text.slice(at(text, where) + length),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Damage =>
      (text) =>
        moveLine(text, from, to),
  ),
  place.map(
    (where): Damage =>
      (text) =>
        repeatLine(text, where),
  ),
);

const whole: fc.Arbitrary<Damage> = fc.oneof(
  place.map(
    (where): Damage =>
      (text) =>
        text.slice(0, at(text, where)),
  ),
  fc.constantFrom<Damage>(
    (text) => `\ufeff${text}`,
    (text) => text.replaceAll('\n', '\r\n'),
    (text) => text.replaceAll('\n', '\r'),
    (text) => text.replaceAll('  ', '\t'),
    (text) => text.replaceAll(': ', ':'),
    (text) => `${text}---\n`,
    (text) => `---\n---\n${text}`,
    (text) => `%YAML 1.1\n---\n${text}`,
    (text) => `# comment\n\n${text}`,
    (text) => text + text,
    (text) => `${text}---\n${text}`,
    (text) => text.trimEnd(),
    (text) => Buffer.from(text, 'utf16le'),
    () => '',
  ),
  fc.tuple(place, fc.constantFrom(0x80, 0xc0, 0xed, 0xff, 0)).map(
    ([where, byte]): Damage =>
      (text) =>
        Buffer.concat([
          Buffer.from(text.slice(0, at(text, where))),
          Buffer.of(byte),
          Buffer.from(text.slice(at(text, where))),
        ]),
  ),
  fc
    .tuple(
      place,
      fc.constantFrom(...['[', '{', '- ', '? ', '{a: ', '[{', '"', "'", '&a [', '\t', ' ', '#', '\n']),
    )
    .map(
      ([where, part]): Damage =>
        (text) =>
          insert(text, at(text, where), part.repeat(3000)),
    ),
  fc.integer({ min: 2, max: 12 }).map(
    (levels): Damage =>
      (text) =>
        `${aliasesOfAliases(levels)}${text}`,
  ),
);

/** A YAML text whose size grows tenfold with each level. */
function aliasesOfAliases(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const item = level === 0 ? 'x' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(10).fill(item).join(', ')}]\n`;
  });
  return lines.join('');
}

function moveLine(text: string, from: number, to: number): string {
  const lines = text.split('\n');
  const [line = ''] = lines.splice(Math.floor((lines.length * from) / 10_001), 1);
  lines.splice(Math.floor((lines.length * to) / 10_001), 0, line);
  return lines.join('\n');
}

function repeatLine(text: string, where: number): string {
  const lines = text.split('\n');
  const index = Math.floor((lines.length * where) / 10_001);
  return lines.toSpliced(index, 0, lines[index] ?? '').join('\n');
}

/** Returns texts of which most have a few changes, as by a careless hand or a broken transfer. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string | Uint8Array> {
  const changes = fc.oneof(
    { weight: 6, arbitrary: fc.array(small, { minLength: 1, maxLength: 3 }) },
    { weight: 3, arbitrary: fc.tuple(whole) },
    { weight: 1, arbitrary: fc.array(fc.oneof(small, whole), { maxLength: 4 }) },
  );
  return fc.tuple(texts, changes).map(([text, list]) => {
    let result: string | Uint8Array = text;
    for (const change of list) if (typeof result === 'string') result = change(result);
    return result;
  });
}
