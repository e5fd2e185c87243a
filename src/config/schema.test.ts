import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { schemaErrors } from '../../tools/docs/json-schema.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { ownRelease } from '../releases/index.ts';
import { componentApis, shapeOf } from './component/index.ts';
import { printInitDefaults, printJoinDefaults, printResetDefaults, printUpgradeDefaults } from './print.ts';
import { decodeData } from './reading/decode.ts';
import type { Shape } from './reading/shape.ts';
import { configSchema, type SchemaKind, schemaKinds } from './schema.ts';
import { kinds as kubeadmKinds } from './v1beta4/shapes.ts';

const types = ownRelease.componentTypes;
const schema = configSchema(schemaKinds, types);

const shapes: Readonly<Record<SchemaKind, Shape>> = {
  ...kubeadmKinds,
  KubeletConfiguration: shapeOf('KubeletConfiguration', types),
  KubeProxyConfiguration: shapeOf('KubeProxyConfiguration', types),
};

function apiVersionOf(kind: SchemaKind): string {
  return kind in componentApis ? componentApis[kind as keyof typeof componentApis] : 'kubeadm.k8s.io/v1beta4';
}

/** Values that a field of some type accepts, and values near to them. */
const leaf = fc.constantFrom<unknown>(
  ...[null, true, false, 0, 1, -1, 1.5, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 1e3, '', 'text', 'true'],
  ...['4m0s', '4m', '1.5h', '.5s', '-1h2m3.5s', '0', '+0', '1', '1d', 's', '1h 2m', '1us', '1µs', '1.s'],
  ...['64Mi', '1.5Gi', '500m', '1e3', '1E', '1Ki', '1ki', ' 1 ', '1.2.3', '-5', '+.5k', 'Mi', '1mi'],
  ...['2030-01-02T03:04:05Z', '2030-01-02T3:04:05.5+01:00', '2030-01-02', '2030-01-02 03:04:05Z'],
);

/** Makes data of a shape. Some of its values have another type or an unknown name. */
function dataOf(shape: Shape): fc.Arbitrary<unknown> {
  const wrong = { weight: 1, arbitrary: fc.oneof(leaf, fc.constant([]), fc.constant({}), fc.constant([1])) };
  const right = (arbitrary: fc.Arbitrary<unknown>) => fc.oneof({ weight: 12, arbitrary }, wrong);
  switch (shape.kind) {
    case 'list':
      return right(fc.array(fc.oneof(dataOf(shape.of), fc.constant(null)), { maxLength: 2 }));
    case 'map':
      return right(fc.dictionary(fc.constantFrom('a', 'b'), dataOf(shape.of), { maxKeys: 2 }));
    case 'object': {
      const fields = Object.entries(shape.fields).filter(
        ([name]) => name !== 'apiVersion' && name !== 'kind',
      );
      const known = fc.subarray(fields, { maxLength: Math.min(4, fields.length) }).chain((chosen) => {
        const record = Object.fromEntries(chosen.map(([name, field]) => [name, dataOf(field)]));
        return fc.record(record);
      });
      const unknown = fc.oneof(
        { weight: 20, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.constant({ nope: 1 }) },
      );
      return right(fc.tuple(known, unknown).map(([fields_, more]) => ({ ...fields_, ...more })));
    }
    case 'string':
      return right(fc.constantFrom('', 'text', '1'));
    case 'bool':
      return right(fc.boolean());
    case 'int':
      return right(fc.constantFrom(0, 1, 77));
    case 'float':
      return right(fc.constantFrom(0, 1.5));
    case 'quantity':
      return right(fc.constantFrom<unknown>('64Mi', 5, '1.5'));
    case 'time':
      return right(fc.constant('2030-01-02T03:04:05Z'));
    default:
      return right(fc.constantFrom('4m0s', '1h', '0'));
  }
}

describe('the schema and the decoder agree', () => {
  test.each(schemaKinds)('about random documents of %s', (kind) => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(dataOf(shapes[kind]), (fields) => {
        fc.pre(typeof fields === 'object' && fields !== null && !Array.isArray(fields));
        const document = { apiVersion: apiVersionOf(kind), kind, ...fields };
        const { problems } = decodeData(shapes[kind], document);
        const errors = schemaErrors(document, schema);
        expect({ document, errors, refused: errors.length > 0 }).toEqual({
          document,
          errors,
          refused: problems.length > 0,
        });
        if (errors.length > 0) refused++;
        else accepted++;
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});

test.each([
  ['init', printInitDefaults(['KubeletConfiguration', 'KubeProxyConfiguration'])],
  ['join', printJoinDefaults('node')],
  ['reset', printResetDefaults()],
  ['upgrade', printUpgradeDefaults()],
])('the printed defaults of %s fit the schema', (_name, text) => {
  for (const document of text.split('---\n')) expect(schemaErrors(parseYaml(document), schema)).toEqual([]);
});

test.each([
  [{ kind: 'InitConfiguration' }, '$.apiVersion: missing'],
  [
    { apiVersion: 'kubeadm.k8s.io/v1beta3', kind: 'InitConfiguration' },
    '$.apiVersion: not "kubeadm.k8s.io/v1beta4"',
  ],
  [{ apiVersion: 'v1', kind: 'Pod' }, `$.kind: not one of ${schemaKinds.join(', ')}`],
])('the document %j does not fit', (document, error) => {
  expect(schemaErrors(document, schema)).toEqual([error]);
});
