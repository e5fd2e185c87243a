/** Runs kubeadm with one random input on a machine in memory, and judges how it ended. */
import { migrateCorefile } from '../../src/addons/corefile/migrate.ts';
import { changesOf, unknownNames } from '../../src/addons/corefile/notices.ts';
import { errorText, execute } from '../../src/cli/main.ts';
import { KubeadmError } from '../../src/errors.ts';
import { createMemoryHost } from '../../src/host/memory/index.ts';
import type { GeneratedInput } from '../support/random/inputs.ts';
import { plainFiles } from '../support/random/inputs.ts';
import { secretWords } from '../support/random/shapes.ts';

/** The maximum processor time of an input. An init or join can make keys, and wait minutes of the time in memory. */
const maximumMs = { short: 1_000, whole: 4_000 };

/** A time at which the certificates of the inputs are valid. */
const now = new Date('2027-02-03T04:05:06Z');

/** Messages of the JavaScript engine and of Node. No error of kubeadm has them. */
const engineMessages =
  /Cannot (?:read|set|convert|destructure|mix|access|create)|is not (?:a function|iterable|a constructor|defined|extensible)|Maximum call stack|Invalid (?:array|string) length|\bundefined\b|\[object |ERR_[A-Z]|NaN\b/;
const stackLine = /^\s+at .*:\d+:\d+\)?$/m;

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly error: unknown;
}

/** Returns what is wrong with the end of a run; undefined if it succeeded or was refused well. */
export async function problemOf(input: GeneratedInput): Promise<string | undefined> {
  const before = process.threadCpuUsage();
  const ended = input.corefile === undefined ? await runCommandLine(input) : runMigration(input.corefile);
  const { system, user } = process.threadCpuUsage(before);
  const milliseconds = (system + user) / 1000;
  const isWhole = input.argv.some((word) => word === 'init' || word === 'join');
  if (milliseconds > maximumMs[isWhole ? 'whole' : 'short'])
    return `it took ${Math.round(milliseconds)} ms of processor time`;
  return problemOfEnd(ended, input);
}

async function runCommandLine({ argv, files, objects = [] }: GeneratedInput): Promise<Ended> {
  const host = createMemoryHost({ now, files: { ...plainFiles, ...files }, answers: ['y'] });
  for (const object of objects) host.api.create(object);
  if (objects.length === 0) host.api.reachable = false;
  const text = { stdout: '', stderr: '' };
  const output = {
    stdout: (part: string) => {
      text.stdout += part;
    },
    stderr: (part: string) => {
      text.stderr += part;
    },
  };
  const failure = { output, verbosity: 0 };
  const { signal } = new AbortController();
  const outputFile = { write: () => undefined, close: async () => undefined };
  try {
    await execute(
      argv,
      {
        host,
        output,
        signal,
        changeRoot: async () => undefined,
        openOutputFile: async () => outputFile,
      },
      failure,
    );
    return { ...text, error: undefined };
  } catch (error) {
    return { stdout: text.stdout, stderr: text.stderr + errorText(error, 0), error };
  }
}

function runMigration({ from, text, to }: NonNullable<GeneratedInput['corefile']>): Ended {
  for (const call of [migrateCorefile, changesOf, unknownNames]) {
    try {
      call(from, to, text);
    } catch (error) {
      const end = { stdout: '', stderr: errorText(error, 0), error };
      if (!(error instanceof KubeadmError)) return end;
    }
  }
  return { stdout: '', stderr: '', error: undefined };
}

function problemOfEnd({ error, stderr }: Ended, { argv }: GeneratedInput): string | undefined {
  if (error !== undefined && !(error instanceof KubeadmError))
    return `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  if (error instanceof KubeadmError && error.message.trim() === '') return 'the error has no message';
  const engine = engineMessages.exec(stderr);
  if (engine !== null) return `the output has a message of the engine: ${lineAt(stderr, engine.index)}`;
  if (stackLine.test(stderr) && !argv.some((word) => /^--?v/.test(word))) return 'the output has a stack';
  // A damaged document can have its secret in the name of a field.
  const shown = stderr.replaceAll(/^.*unknown field ".*$/gm, '');
  const secret = isAtItsPlace(argv) ? secretWords.exec(shown) : null;
  if (secret !== null) return `the output shows a secret: ${lineAt(shown, secret.index)}`;
  return undefined;
}

/** Whether no secret of the command line is the value of a flag for something else. */
function isAtItsPlace(argv: readonly string[]): boolean {
  return argv.every((word, index) => {
    if (!secretWords.test(word)) return true;
    const [first = '', second = ''] = [argv[index - 1], argv[index - 2]];
    if (word.startsWith('--')) return !first.startsWith('-');
    return /^--.*(?:token|key)$/.test(first) && !second.startsWith('-');
  });
}

function lineAt(text: string, index: number): string {
  const start = text.lastIndexOf('\n', index) + 1;
  const end = text.indexOf('\n', index);
  return text.slice(start, end === -1 ? undefined : end).slice(0, 500);
}
