import { expect, test } from 'vitest';

import { flag, globalFlags } from './flags.ts';
import { parseFlags, stripFlags } from './parse.ts';

const flags = [
  ...globalFlags,
  flag('dry-run'),
  flag('config'),
  flag('force'),
  flag('token-ttl'),
  flag('node-name'),
  flag('apiserver-bind-port'),
  flag('ignore-preflight-errors'),
  flag('apiserver-extra-args'),
  flag('output'),
];

const parse = (...argv: string[]) => parseFlags(argv, flags);

test('a value follows an equals sign, or is the next word', () => {
  expect(parse('--config=a').flags.value('config')).toBe('a');
  expect(parse('--config', 'a').flags.value('config')).toBe('a');
  expect(parse('--config', '-a').flags.value('config')).toBe('-a');
  expect(parse('--node-name=').flags.value('node-name')).toBe('');
});

test('a boolean flag has a value only after an equals sign', () => {
  expect(parse('--dry-run').flags.value('dry-run')).toBe(true);
  expect(parse('--dry-run=false').flags.value('dry-run')).toBe(false);
  const parsed = parse('--dry-run', 'false');
  expect(parsed.flags.value('dry-run')).toBe(true);
  expect(parsed.arguments).toEqual(['false']);
});

test.each([
  [['-v', '5'], 5],
  [['-v5'], 5],
  [['-v=5'], 5],
  [['--v', '5'], 5],
  [['--v=010'], 10],
  [['-fv3'], 3],
])('verbosity of %j', (argv, level) => {
  expect(parse(...argv).flags.value('v')).toBe(level);
});

test.each(['0x10', '0b1', '1_0', '1.0', ''])('the verbosity %j is refused', (level) => {
  expect(() => parse(`--v=${level}`)).toThrow('strconv.ParseInt');
});

test.each([
  ['1_000', 1000],
  ['0x_1F', 31],
  ['0_17', 15],
  ['-0', 0],
])('the port %s is read as %i', (text, port) => {
  expect(parse('--apiserver-bind-port', text).flags.value('apiserver-bind-port')).toBe(port);
});

test.each(['1__0', '_1', '1_', '08', '0x', '2147483648'])('the port %s is refused', (text) => {
  expect(() => parse('--apiserver-bind-port', text)).toThrow('strconv.ParseInt');
});

test.each([
  ['a\nb', ['a']],
  ['\n\na,b\r\nc', ['a', 'b']],
  ['"a"\nb"', ['a']],
  ['"a\r\nb",c\r', ['a\nb', 'c']],
  ['"a""b", c', ['a"b', ' c']],
])('a list is the first line of CSV in %j', (text, items) => {
  expect(parse('--ignore-preflight-errors', text).flags.value('ignore-preflight-errors')).toEqual(items);
});

test.each(['\n', '\r', '"a', 'a"', '"a"b'])('the list %j is refused', (text) => {
  expect(() => parse('--ignore-preflight-errors', text)).toThrow(/EOF|parse error/);
});

test('a list is read as CSV; its first use replaces the default, and later uses add to it', () => {
  const parsed = parse('--ignore-preflight-errors', 'a,"b,c"', '--ignore-preflight-errors=d');
  expect(parsed.flags.value('ignore-preflight-errors')).toEqual(['a', 'b,c', 'd']);
});

test('pairs keep their order and their duplicates, and a deprecated flag gives a notice', () => {
  const parsed = parse('--apiserver-extra-args', 'a=1,b=2', '--apiserver-extra-args', 'a=3');
  expect(parsed.flags.value('apiserver-extra-args').map(({ name, value }) => name + value)).toEqual([
    'a1',
    'b2',
    'a3',
  ]);
  expect(parsed.deprecations[0]).toContain('Flag --apiserver-extra-args has been deprecated');
});

test('a short flag with a bare equals sign has that sign as its value', () => {
  expect(parse('-o=').flags.value('output')).toBe('=');
  expect(parse('-o=x').flags.value('output')).toBe('x');
});

test('flags and arguments can have any order, and `--` ends the flags', () => {
  expect(parse('one', '--dry-run', 'two', '--', '--config').arguments).toEqual(['one', 'two', '--config']);
});

test('a flag that is not set has its default and counts as unchanged', () => {
  const { flags: values } = parse('--config', 'x');
  expect(values.value('apiserver-bind-port')).toBe(6443);
  expect(values.value('token-ttl')).toBe(86_400_000);
  expect(values.changed.has('apiserver-bind-port')).toBe(false);
  expect([...values.changed]).toEqual(['config']);
  expect(values.given).toEqual({ config: 'x' });
});

test.each(['', ',', 'a=1', 'a*=0,b/c=2,', 'a=+3'])('--vmodule takes %j', (text) => {
  expect(parse(`--vmodule=${text}`).flags.value('vmodule')).toBe(text);
});

test.each([
  [['--bogus'], 'unknown flag: --bogus'],
  [['-x'], "unknown shorthand flag: 'x' in -x"],
  [['--node_name=a'], 'unknown flag: --node_name'],
  [['--config'], 'flag needs an argument: --config'],
  [['-v'], "flag needs an argument: 'v' in -v"],
  [['---config'], 'bad flag syntax: ---config'],
  [['-v=x'], 'invalid argument "x" for "-v, --v" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [['--v=4294967296'], 'value out of range'],
  [['--dry-run=maybe'], 'invalid argument "maybe" for "--dry-run" flag: strconv.ParseBool: parsing "maybe"'],
  [['--token-ttl=x'], 'invalid argument "x" for "--token-ttl" flag: time: invalid duration "x"'],
  [['--ignore-preflight-errors', 'a"b'], 'bare " in non-quoted-field'],
  [['--vmodule=x'], 'invalid argument "x" for "--vmodule" flag: syntax error: expect comma-separated list'],
  [['--vmodule=a=b'], 'syntax error: expect comma-separated list of filename=N'],
  [['--vmodule=a=1=2'], 'syntax error: expect comma-separated list of filename=N'],
  [['--vmodule=a=1,b=-1'], 'negative value for vmodule level'],
  [['--apiserver-extra-args', 'a'], 'malformed key=value pair in flag value: a'],
])('%j is refused with the wording of pflag', (argv, message) => {
  expect(() => parse(...argv)).toThrow(message);
});

test.each([
  ['--node-nam', 'did you mean --node-name?'],
  ['--apiserver-bind-prot=1', 'did you mean --apiserver-bind-port?'],
  ['--bogus', undefined],
])('the hint for %s suggests the right flag', (word, hint) => {
  expect.assertions(1);
  try {
    parse(word);
  } catch (error) {
    expect(error).toHaveProperty('hint', hint);
  }
});

test('stripFlags returns the words that are not flags, before the command is known', () => {
  const words = stripFlags(
    ['--v', '3', 'init', '-f', 'phase', '--config=x', '--dry-run', 'certs', '--', 'no'],
    flags,
  );
  expect(words.map(({ word }) => word)).toEqual(['init', 'phase', 'certs']);
  const unknown = stripFlags(['certs', '--kubeconfig', '/x', '-z', 'y', 'renew', '--help', 'all'], flags);
  expect(unknown.map(({ word }) => word)).toEqual(['certs', 'renew', 'all']);
});
