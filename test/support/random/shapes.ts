/** Random values for the shapes of the configuration API: right ones, nearly right ones and wrong ones. */
import fc from 'fast-check';

import type { ObjectShape, Shape } from '../../../src/config/reading/shape.ts';
import { goodTexts } from './words.ts';

/** How many of the values are wrong: none, about one in a document, or many. */
export type Quality = 'valid' | 'nearly valid' | 'wrong';

/** Each secret of an input has one of these words, so that a test can look for them in the output. */
export const secretWords = /s3cr3t|5ec2e7/i;
export const goodToken = 'abcdef.s3cr3t0123456789';
export const certificateKey = `${'5ec2e7'.repeat(10)}5ec2`;

const wrongShare: Readonly<Record<Quality, number>> = { valid: 0, 'nearly valid': 2, wrong: 25 };

/** Values of another type, and values at the edges of the types. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      '',
      ' ',
      '0',
      '-1',
      'true',
      'null',
      '~',
      'x'.repeat(300),
      'é漢😀',
      'a\u0000b',
      '\ud800',
      '\u0085',
      '\u007f',
    ],
    ...['a\nb', 'a: b', '# c', '- x', '../../etc/passwd', '$(reboot)', '%s%n', '__proto__', 'constructor'],
    ...[0, -1, 1.5, 1e21, -0, 65536, 2 ** 31, 2 ** 53, 2n ** 63n, -(2n ** 64n), true, false, null],
  ),
  fc.constantFrom<unknown>([], {}, [null], [[]], [{}], { a: null }, { __proto__x: 1 }, [1, 'a'], { '': '' }),
  fc.jsonValue({ maxDepth: 2 }),
);

const oddSecret = fc.constantFrom<unknown>(
  ...['s3cr3t', 'abcdef:s3cr3t0123456789', 'ABCDEF.S3CR3T0123456789', 'abcdef.s3cr3t012345678', 'a.b.s3cr3t'],
  ...[
    '5ec2e7',
    `${certificateKey}0`,
    's3cr3t\n',
    ['s3cr3t'],
    { s3cr3t: 's3cr3t' },
    ' abcdef.s3cr3t0123456789',
  ],
);

/** Returns random values of a field with this shape. */
export function valuesOf(shape: Shape, name: string, quality: Quality): fc.Arbitrary<unknown> {
  const wrong = shape.kind === 'string' && shape.secret === true ? oddSecret : odd;
  const share = wrongShare[quality];
  // An object is rarely something else, because that would hide all of its fields.
  const weight = shape.kind === 'object' ? 200 : 100;
  return fc.oneof(
    { weight, arbitrary: rightValues(shape, name, quality) },
    ...(share === 0 ? [] : [{ weight: share, arbitrary: wrong }]),
  );
}

function rightValues(shape: Shape, name: string, quality: Quality): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'bool':
      return fc.boolean();
    case 'string':
      return fc.constantFrom(...(shape.secret === true ? secretsOf(name) : goodTexts(name)));
    case 'float':
      return fc.constantFrom(0, 0.1, 1, 12345678.9, 1e19);
    case 'int':
      return name === 'bindPort'
        ? fc.constantFrom(6443, 7443, 1, 65535)
        : fc.constantFrom(0, 1, 5, 100, -900);
    case 'duration':
    case 'durationText':
    case 'timeOrDuration':
      return fc.constantFrom('4m0s', '1h', '90s', '0s', '87600h', '1.5h', '2562047h47m16.854775807s');
    case 'time':
      return fc.constantFrom('2030-01-02T03:04:05Z', '2027-01-02T03:04:05+02:00', '9998-12-31T23:59:59Z');
    case 'quantity':
      return fc.constantFrom<unknown>('1Gi', '1.5Gi', '1000', 2048, 0.1, '12E6', '100m');
    case 'list':
      return fc.array(valuesOf(shape.of, name, quality), { maxLength: 3 });
    case 'map':
      return fc.dictionary(fc.constantFrom(...goodTexts(`${name} key`)), valuesOf(shape.of, name, quality), {
        maxKeys: 3,
      });
    case 'object':
      return fieldsOf(shape, quality);
  }
}

function secretsOf(name: string): readonly string[] {
  if (/token/i.test(name)) return [goodToken];
  return name === 'certificateKey' ? [certificateKey] : ['s3cr3t-value'];
}

/** Returns random objects with a few of the fields of the shape. */
export function fieldsOf(
  shape: ObjectShape,
  quality: Quality,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const names = Object.keys(shape.fields).filter((name) => name !== 'apiVersion' && name !== 'kind');
  const maxLength = Math.min(names.length, 6);
  return fc
    .tuple(fc.subarray(names, { maxLength }), unknownFields(names, quality))
    .chain(([chosen, unknown]) =>
      fc
        .record(
          Object.fromEntries(
            chosen.map((name) => [name, valuesOf(shape.fields[name] as Shape, name, quality)]),
          ),
        )
        .map((fields) => ({ ...fields, ...unknown })),
    );
}

/** Rarely a field that the shape does not have, such as a misspelt one. */
function unknownFields(
  names: readonly string[],
  quality: Quality,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const share = wrongShare[quality];
  if (share === 0 || names.length === 0) return fc.constant({});
  const change = fc.constantFrom(
    (name: string) => `${name}s`,
    (name: string) => name.toUpperCase(),
    (name: string) => name.slice(1),
    () => 'metadata',
    () => '__proto__',
  );
  return fc.oneof(
    { weight: 100, arbitrary: fc.constant({}) },
    {
      weight: share,
      arbitrary: fc
        .tuple(fc.constantFrom(...names), change, odd)
        .map(([name, of, value]) => Object.fromEntries([[of(name), value]])),
    },
  );
}
