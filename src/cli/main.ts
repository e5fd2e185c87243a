import { KubeadmError, messageOf, usageError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { suggestions } from '../lib/suggest.ts';
import { warnOnce } from '../warn-once.ts';
import { type Command, loadCommand } from './command.ts';
import type { CommandLine } from './command-line.ts';
import { complete } from './complete.ts';
import type { CommandFlags } from './flag-values.ts';
import type { GlobalFlagName } from './flags.ts';
import { type CommandPath, helpText, inheritedFlags, localFlags, pathText, usageText } from './help.ts';
import { parseFlags, stripFlags } from './parse.ts';
import type { Output } from './render/output.ts';
import { textScreen } from './render/screen.ts';
import type { Report } from './report.ts';
import { root } from './root.ts';

/** Runs one command line. Returns the exit code: 0, or 1 for every error. */
export async function main(argv: readonly string[], commandLine: CommandLine): Promise<number> {
  const failure = { output: commandLine.output, verbosity: 0 };
  try {
    await execute(argv, commandLine, failure);
    return 0;
  } catch (error) {
    failure.output.stderr(errorText(error, failure.verbosity));
    return 1;
  }
}

/**
 * Runs one command line, without the text of its error. It sets in `failure` how the error is to be shown.
 *
 * @throws KubeadmError and every error of the command
 */
export async function execute(
  argv: readonly string[],
  commandLine: CommandLine,
  failure: Failure,
): Promise<void> {
  if (argv[0] === '__complete') {
    for (const [word, text] of await complete(root, argv.slice(1)))
      commandLine.output.stdout(`${word}\t${text}\n`);
    return;
  }
  const found = await findCommand(argv);
  if (found.kind === 'help') commandLine.output.stdout(helpText(found.path));
  else await runCommand(found, commandLine, failure);
}

/** The options for showing an error. Reading the command line changes them. */
export interface Failure {
  output: Output;
  verbosity: number;
}

/** Reads the flags of the command and runs it. @throws KubeadmError and every error of the command */
async function runCommand(
  { path, rest }: Extract<Found, { kind: 'run' }>,
  commandLine: CommandLine,
  failure: Failure,
): Promise<void> {
  const found = path[path.length - 1] ?? root;
  const parsed = parseFlags(rest, [...localFlags(path), ...inheritedFlags(path)]);
  const globals: CommandFlags<GlobalFlagName> = parsed.flags;
  failure.verbosity = globals.value('v');
  // With --output-events the notices are events.
  const streamed = parsed.flags.changed.has('output-events');
  if (!streamed) for (const notice of parsed.deprecations) failure.output.stderr(`${notice}\n`);
  if (parsed.helpWanted) {
    failure.output.stdout(helpText(path));
    return;
  }
  checkArguments(found, path, parsed.arguments);
  // Upstream's command that only has help does not change the root directory.
  if (found.run === undefined && found.helpOnly === true) {
    failure.output.stdout(helpText(path));
    return;
  }
  const rootfs = globals.value('rootfs');
  if (rootfs !== '') await commandLine.changeRoot(rootfs);
  if (found.run === undefined) {
    failure.output.stdout(helpText(path));
    throw usageError('\nerror: subcommand is required');
  }
  const report = path.some(({ reports }) => reports === true)
    ? await (await import('./report.ts')).startReport(
        { command: pathText(path.slice(1)), flags: parsed.flags, verbosity: failure.verbosity },
        commandLine,
      )
    : textReport(commandLine, failure.verbosity);
  failure.output = report.output;
  const { emit } = report;
  if (streamed) for (const message of parsed.deprecations) emit({ type: 'flag-deprecated', message });
  const { signal } = commandLine;
  const { end, ...shown } = report;
  try {
    const work = found.run({ ...shown, flags: parsed.flags, arguments: parsed.arguments, signal });
    await orFailure(work, commandLine.failure, failure);
  } catch (error) {
    await end(error);
    throw error;
  }
  await end();
}

/**
 * Waits for the command, or for an uncaught exception. Such an exception is a bug of this program, so its stack is
 * always shown.
 */
async function orFailure(
  work: Promise<void>,
  signal: AbortSignal | undefined,
  shown: Failure,
): Promise<void> {
  if (signal === undefined) return await work;
  const failed = new Promise<never>((_, reject) => {
    const listener = (): void => {
      shown.verbosity = Math.max(shown.verbosity, stackVerbosity);
      reject(signal.reason);
    };
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
  });
  await Promise.race([failed, work]);
}

/** Returns the report of a command without phases, which is only text. */
function textReport({ host, output }: CommandLine, verbosity: number): Report {
  const startedAt = host.clock.monotonic();
  const record = warnOnce(textScreen(output, verbosity));
  const emit = (event: KubeadmEvent): void =>
    record({ event, phase: undefined, at: host.clock.monotonic() - startedAt });
  return {
    host,
    output,
    startedAt,
    record,
    emit,
    reportResult: () => undefined,
    end: async () => undefined,
  };
}

type Found =
  | { readonly kind: 'run'; readonly path: CommandPath; readonly rest: readonly string[] }
  | { readonly kind: 'help'; readonly path: CommandPath };

/** Finds the command that the words without flags name. */
async function findCommand(argv: readonly string[]): Promise<Found> {
  const path: Command[] = [root];
  let rest = [...argv];
  for (;;) {
    const command = path[path.length - 1] ?? root;
    const flags = [...localFlags(path), ...inheritedFlags(path)];
    const first = stripFlags(rest, flags)[0];
    if (first === undefined) return { kind: 'run', path, rest };
    if (path.length === 1 && first.word === 'help')
      return { kind: 'help', path: await helpPath(rest, first.index) };
    const child = command.commands?.find(
      (entry) => entry.name === first.word || entry.aliases?.includes(first.word),
    );
    if (child === undefined) {
      if (path.length === 1) throw unknownCommand(first.word, path);
      return { kind: 'run', path, rest };
    }
    path.push(await loadCommand(child));
    rest = rest.toSpliced(first.index, 1);
  }
}

async function helpPath(argv: readonly string[], helpIndex: number): Promise<CommandPath> {
  // A flag of the command that the words name is unknown here, as upstream.
  parseFlags(argv, localFlags([root]));
  const words = stripFlags(argv.slice(helpIndex + 1), localFlags([root])).map(({ word }) => word);
  const path: Command[] = [root];
  for (const word of words) {
    const children = path[path.length - 1]?.commands ?? [];
    const child = children.find((entry) => entry.name === word || entry.aliases?.includes(word));
    if (child === undefined) {
      throw usageError(
        `Unknown help topic ${words.map((w) => `\`${w}\``).join(' ')}`,
        `see ${pathText(path)} --help`,
      );
    }
    path.push(await loadCommand(child));
  }
  return path;
}

function checkArguments(command: Command, path: CommandPath, words: readonly string[]): void {
  const first = words[0];
  if (first === undefined) return;
  const maximum = command.maximumArguments ?? 0;
  if (maximum === 0) throw unknownCommand(first, path);
  if (words.length > maximum) {
    throw usageError(
      `accepts at most ${maximum} arg(s), received ${words.length}`,
      usageText(path).split('\n')[1]?.trim(),
    );
  }
}

function unknownCommand(word: string, path: CommandPath): KubeadmError {
  const names = (path[path.length - 1]?.commands ?? [])
    .filter((entry) => 'load' in entry || entry.helpOnly !== true)
    .map(({ name }) => name)
    .sort();
  if (names.includes(word)) {
    return usageError(
      `"${word}" behind "--" is not a command of "${pathText(path)}"`,
      `write \`${pathText(path)} ${word}\`, without "--"`,
    );
  }
  const close = suggestions(word, names);
  const meant =
    close.length === 0 ? '' : `\n\nDid you mean this?\n${close.map((name) => `\t${name}\n`).join('')}`;
  const known = close.length > 0 || names.length === 0 ? undefined : `the commands are ${names.join(', ')}`;
  return usageError(`unknown command "${word}" for "${pathText(path)}"${meant}`, known);
}

/** From this verbosity on, errors show their stack. */
const stackVerbosity = 5;

/** The text on stderr when a command fails. It has the stack from `-v 5` on. */
export function errorText(error: unknown, verbosity: number): string {
  const lines = [`error: ${messageOf(error)}`];
  // This is the result of a command that worked.
  if (error instanceof KubeadmError && error.code === 'unhealthy') return `${lines.join('\n')}\n`;
  if (error instanceof KubeadmError && error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  const endedBeyond = error instanceof KubeadmError ? error.details.endedBeyond : undefined;
  if (Array.isArray(endedBeyond) && endedBeyond.length > 0) {
    lines.push(`note: these phases had already ended: ${endedBeyond.join(', ')}`);
  }
  lines.push(
    verbosity >= stackVerbosity
      ? stackText(error)
      : 'To see the stack trace of this error execute with --v=5 or higher',
  );
  return `${lines.join('\n')}\n`;
}

function stackText(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  const cause =
    error.cause instanceof Error ? `\ncaused by: ${error.cause.message}\n${stackText(error.cause)}` : '';
  return frames.join('\n') + cause;
}
