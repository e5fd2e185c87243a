/** Random command lines of all commands and flags: right, nearly right and wrong ones. */
import fc from 'fast-check';

import { type Command, loadCommand } from '../../../src/cli/command.ts';
import type { Flag } from '../../../src/cli/flags.ts';
import { type CommandPath, inheritedFlags, localFlags } from '../../../src/cli/help.ts';
import { root } from '../../../src/cli/root.ts';
import { certificateKey, goodToken } from './shapes.ts';
import { goodFlagTexts, paths } from './words.ts';

/** A command with its place in the tree. */
export interface ListedCommand {
  /** Without `kubeadm`. */
  readonly words: readonly string[];
  readonly flags: readonly Flag[];
}

/** Returns all commands, and the root. */
export async function allCommands(): Promise<readonly ListedCommand[]> {
  return await below([root]);
}

async function below(path: CommandPath): Promise<readonly ListedCommand[]> {
  const command = path[path.length - 1] ?? root;
  const children = await Promise.all(
    (command.commands ?? []).map(async (entry) => {
      const child: Command = await loadCommand(entry);
      return await below([...path, child]);
    }),
  );
  const words = path.slice(1).map(({ name }) => name);
  return [{ words, flags: [...localFlags(path), ...inheritedFlags(path)] }, ...children.flat()];
}

const oddWords = fc.constantFrom(
  ...[
    '',
    ' ',
    '-',
    '--',
    '---',
    '-=',
    '--=',
    '-x',
    '--bogus',
    '--bogus=1',
    '-vv',
    '-hh',
    'bogus',
    'help',
    '--help=maybe',
  ],
  ...[
    '-h',
    '--v',
    '-v',
    '-v=',
    '--config',
    '=',
    'é',
    '😀',
    '../..',
    '*',
    '$(reboot)',
    '%s',
    '\t',
    '\n',
    '\u001b[31m',
  ],
  ...['x'.repeat(5000), '1.36.2', 'v1.35.4', 'bash', 'zsh', '10.0.0.1:6443', 'abcdef'],
);
const oddValues = fc.constantFrom(
  ...[
    '',
    ' ',
    ',',
    ',,',
    '=',
    'a=',
    '=a',
    'a=b=c',
    '"',
    '"a',
    'a,"b,c",d',
    "'",
    '\\',
    '-1',
    '0',
    'true',
    'maybe',
    '1.5',
  ],
  ...[
    '99999999999999999999',
    '1e9',
    '0x10',
    '1h1',
    '-5m',
    '9999999h',
    '5',
    '../..',
    '/',
    '.',
    '/dev/null',
    '/root',
  ],
  ...[
    'é',
    '😀',
    '\u0001',
    'a\nb',
    'x'.repeat(5000),
    'json',
    'json=',
    'yaml',
    'go-template={{.}}',
    'all',
    '10.0.0.0/99',
  ],
  ...[
    '::',
    '1.2.3',
    'http://x',
    'unix://',
    'v1',
    'v99.0.0',
    'stable-1',
    'ci/latest',
    'sha256:zz',
    'a=b,a=c',
    '[]',
  ],
);

const secretFlags: Readonly<Record<string, readonly string[]>> = {
  token: [goodToken, 's3cr3t', 'abcdef.s3cr3t'],
  'discovery-token': [goodToken, 'abcdef:s3cr3t'],
  'tls-bootstrap-token': [goodToken, 'ABCDEF.s3cr3t0123456789'],
  'certificate-key': [certificateKey, '5ec2e7'],
};

function goodValues({ name, type }: Flag): readonly string[] {
  const secrets = secretFlags[name];
  if (secrets !== undefined) return secrets;
  switch (type) {
    case 'bool':
      return ['true', 'false', '1', 'F'];
    case 'int':
    case 'int32':
      return ['1', '6443', '0'];
    case 'Level':
      return ['0', '1', '4'];
    case 'duration':
      return ['1h', '0', '90s', '8760h'];
    case 'moduleSpec':
      return ['a=1', 'a=1,b*=2'];
    case 'mapStringString':
      return ['v=2', 'a=b,c=d'];
    case 'string':
    case 'strings':
      return goodFlagTexts(name);
  }
}

/** The words of one use of a flag. */
function uses(flag: Flag): fc.Arbitrary<readonly string[]> {
  // A wrong value of a secret would be shown, because it does not have the words that tests look for.
  const wrong = flag.name in secretFlags ? [] : [{ weight: 1, arbitrary: oddValues }];
  const value = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...goodValues(flag)) }, ...wrong);
  const name =
    flag.short === undefined
      ? fc.constant(`--${flag.name}`)
      : fc.constantFrom(`--${flag.name}`, `-${flag.short}`);
  const form = fc.nat(flag.type === 'bool' ? 11 : 9);
  return fc.tuple(name, value, form).map(([word, text, number]) => {
    if (number === 0) return [word];
    if (number === 1 && !word.startsWith('--')) return [word + text];
    if (number > 9) return [word];
    return number < 6 || flag.type === 'bool' ? [`${word}=${text}`] : [word, text];
  });
}

export interface CommandLineOptions {
  /** Words that stand between the command and its flags. */
  readonly before?: readonly string[];
  /** Whether some command lines have wrong words, or flags in front of the command. By default they do. */
  readonly hasOddWords?: boolean;
}

/** Returns command lines of the commands. Most have few flags, and a third has a mistake. */
export function commandLines(
  commands: readonly ListedCommand[],
  { before = [], hasOddWords = true }: CommandLineOptions = {},
): fc.Arbitrary<readonly string[]> {
  const none = fc.constant<readonly string[]>([]);
  return fc
    .constantFrom(...commands)
    .chain(({ flags, words }) =>
      fc.record({
        words: hasOddWords ? changedWords(words) : fc.constant(words),
        used: fc
          .subarray([...flags], { maxLength: Math.min(4, flags.length) })
          .chain((chosen) => fc.tuple(...chosen.map(uses))),
        more: hasOddWords
          ? fc.oneof({ weight: 6, arbitrary: none }, fc.array(oddWords, { maxLength: 2 }))
          : none,
        config: fc.constantFrom<string[]>([], [], ['--config', paths.config]),
        place: fc.nat(9),
      }),
    )
    .map(({ config, more, place, used, words }) => {
      const flags = [...before, ...used.flat(), ...config];
      return hasOddWords && place === 0 ? [...flags, ...words, ...more] : [...words, ...flags, ...more];
    });
}

/** The words of a command. A third of the results is not a command. */
function changedWords(words: readonly string[]): fc.Arbitrary<readonly string[]> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(words) },
    { weight: 1, arbitrary: oddWords.map((word) => [...words, word]) },
    { weight: 1, arbitrary: oddWords.map((word) => [...words.slice(0, -1), word]) },
    { weight: 1, arbitrary: fc.constant(['help', ...words]) },
    { weight: 1, arbitrary: fc.constant(words.map((word) => word.slice(1))) },
    { weight: 1, arbitrary: fc.array(oddWords, { maxLength: 4 }) },
    { weight: 1, arbitrary: oddWords.map((word) => ['__complete', ...words, word]) },
  );
}
