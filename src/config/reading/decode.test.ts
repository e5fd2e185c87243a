import { expect, test } from 'vitest';

import { pathText } from '../../lib/field-path.ts';
import { clusterConfiguration, initConfiguration } from '../v1beta4/shapes.ts';
import { closest, decode } from './decode.ts';
import {
  bool,
  duration,
  int32,
  int64,
  list,
  map,
  object,
  quantity,
  type Shape,
  secret,
  string,
  time,
} from './shape.ts';

test('known fields are read, null counts as not set, and durations become milliseconds', () => {
  const { value, problems } = decode(initConfiguration, {
    dryRun: true,
    certificateKey: null,
    timeouts: { discovery: '1h30m' },
    bootstrapTokens: [{ usages: ['signing', null] }, null],
  });
  expect(problems).toEqual([]);
  expect(value).toEqual({
    dryRun: true,
    timeouts: { discovery: 5_400_000 },
    bootstrapTokens: [{ usages: ['signing', ''] }, {}],
  });
});

const integer = 'a whole number from -2147483648 to 2147483647';

test.each<[Shape, unknown, string]>([
  [string, 5, 'this is the number 5, and must be text: write "5", with quotes'],
  [string, true, 'this is the truth value true, and must be text: write "true", with quotes'],
  [string, ['a'], 'this is a list, and must be text'],
  [bool, 'true', 'this is the text "true", and must be true or false'],
  [int32, '5', 'this is the text "5", and must be a whole number'],
  [int32, 1.5, 'this is the number 1.5, and must be a whole number'],
  [int32, 2 ** 31, `this is the number 2147483648, and must be ${integer}`],
  [duration, 5, 'this is the number 5, and must be a duration such as 4m0s'],
  [duration, '5', 'missing unit in duration "5"'],
  [time, '2030-01-02', 'and must be a time such as 2030-01-02T03:04:05Z'],
  [time, '2030-02-30T00:00:00Z', 'and must be a time such as 2030-01-02T03:04:05Z'],
  [quantity, true, 'and must be a quantity such as 64Mi'],
  [quantity, '1GB', 'this is the text "1GB", and must be a quantity such as 64Mi'],
  [int64, 2 ** 63, 'from -9223372036854775808 to 9223372036854775807'],
  [
    { kind: 'int', type: 'uint32' },
    -1,
    'this is the number -1, and must be a whole number from 0 to 4294967295',
  ],
  [{ kind: 'float', type: 'float64' }, Number.POSITIVE_INFINITY, 'a number in the range of a float64'],
  [{ kind: 'float', type: 'float64' }, Number.NaN, 'a number in the range of a float64'],
  [{ kind: 'float', type: 'float32' }, 1e39, 'a number in the range of a float32'],
  [{ kind: 'timeOrDuration' }, 1.5, 'a duration such as 4m0s, or nanoseconds: a whole number'],
  [
    list(object({ name: string, value: string })),
    { v: '4' },
    'must be a list such as [{name: v, value: "4"}]',
  ],
  [list(object({ name: string, value: string })), 'v', 'this is the text "v", and must be a list'],
  [list(string), { a: 'b' }, 'this is a map, and must be a list'],
  [list(string), 'a', 'this is the text "a", and must be a list'],
  [map(string), [], 'this is a list, and must be a map'],
  [object({ a: string }), 'a', 'this is the text "a", and must be a map with fields'],
])('%j refuses %j', (shape, data, message) => {
  const { value, problems } = decode(object({ field: shape }), { field: data });
  expect(value).toEqual({});
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ kind: 'wrong-type', path: ['field'] });
  expect(problems[0]?.message).toContain(message);
});

test('times are read in any zone and converted to UTC', () => {
  const shape = object({ at: time });
  expect(decode(shape, { at: '2030-01-02T03:04:05.678+02:00' }).value.at).toBe('2030-01-02T01:04:05Z');
});

test('all problems are found, each with its path', () => {
  const { problems } = decode(clusterConfiguration, {
    Networking: {},
    networking: { podsubnet: 'x', dnsDomain: 5 },
    apiServer: { extraArgs: [{ name: 'a' }, { nam: 'b' }, 'c'] },
  });
  expect(problems.map(({ kind, path, hint }) => [kind, pathText(path), hint])).toEqual([
    ['unknown-field', 'Networking', 'did you mean "networking"?'],
    ['unknown-field', 'networking.podsubnet', 'did you mean "podSubnet"?'],
    ['wrong-type', 'networking.dnsDomain', undefined],
    ['unknown-field', 'apiServer.extraArgs[1].nam', 'did you mean "name"?'],
    ['wrong-type', 'apiServer.extraArgs[2]', undefined],
  ]);
});

test('the hint for a field in the wrong place names the right place', () => {
  const { problems } = decode(clusterConfiguration, {
    podSubnet: '10.0.0.0/16',
    certSANs: [],
    extraArgs: [],
  });
  expect(problems.map(({ hint }) => hint)).toEqual([
    'did you mean "networking.podSubnet"?',
    'did you mean "apiServer.certSANs"?',
    undefined,
  ]);
});

test('secrets are not shown', () => {
  const { problems } = decode(initConfiguration, {
    certificateKey: 1234567890,
    bootstrapTokens: [{ token: 987654321 }],
  });
  expect(problems.map(({ message }) => message)).toEqual([
    'this is a number, and must be text, in quotes',
    'this is a number, and must be text, in quotes',
  ]);
});

test.each([
  ['kubernetesversion', 'kubernetesVersion'],
  ['kuberntesVersion', 'kubernetesVersion'],
  ['dns', 'dns'],
  ['foo', undefined],
  ['certificates', 'certificatesDir'],
  ['metadata', undefined],
])('%s means %s', (name, meant) => {
  expect(closest(name, ['kubernetesVersion', 'dns', 'etcd', 'certificatesDir'])).toBe(meant);
});

test('a token in the place of a list or map is not shown', () => {
  const token = 'abcdef.0123456789abcdef';
  const shape = object({ bootstrapTokens: list(object({ token: secret, ttl: duration })) });
  for (const data of [{ bootstrapTokens: token }, { bootstrapTokens: [token] }]) {
    const { problems } = decode(shape, data);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/^this is text, and must be /);
  }
  expect(decode(shape, { bootstrapTokens: [{ ttl: 5 }] }).problems[0]?.message).toContain('the number 5');
});

test('whole numbers above 2^53 are exact, and others stay numbers', () => {
  const shape = object({ a: int64, b: int64 });
  expect(decode(shape, { a: 9_223_372_036_854_775_807n, b: 5n }).value).toEqual({
    a: 9_223_372_036_854_775_807n,
    b: 5,
  });
});

test('whole numbers of more than 64 bits are refused', () => {
  // The nearest float of -9223372036854775809 is -2^63.
  for (const value of [2n ** 63n, -(2 ** 63), 1e21]) {
    const { problems } = decode(int64, value);
    expect(problems[0]?.message).toContain('from -9223372036854775808 to 9223372036854775807');
  }
});

test('quantities get their canonical form, also if they are numbers', () => {
  const shape = list(quantity);
  const { value } = decode(shape, ['1.5Gi', 1000, 0.1, '1000m', 9_007_199_254_740_993n, null]);
  expect(value).toEqual(['1536Mi', '1k', '100m', '1', '9007199254740993', '0']);
});

test('float32 numbers have the shortest form that Go prints', () => {
  const shape = list({ kind: 'float', type: 'float32' });
  expect(decode(shape, [0.1, 16_777_217, 50n]).value).toEqual([0.1, 16_777_216, 50]);
});

test('hints quote the text of the file', () => {
  const source = (path: readonly (string | number)[]) => (path[0] === 'version' ? '1.30' : 'yes');
  const { problems } = decode(object({ version: string, on: string }), { version: 1.3, on: true }, source);
  expect(problems.map(({ message }) => message)).toEqual([
    'this is the number 1.30, and must be text: write "1.30", with quotes',
    'this is the truth value yes, and must be text: write "yes", with quotes',
  ]);
});

test('a map is named in the place of a text, whatever its keys are', () => {
  const { problems } = decode(object({ path: string }), { path: { toString: null } });
  expect(problems.map(({ message }) => message)).toEqual(['this is a map, and must be text']);
});
