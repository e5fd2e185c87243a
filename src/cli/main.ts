import { KubeadmError, messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import { suggestions } from '../lib/suggest.ts';
import { kubeadmVersion } from '../versions.ts';
import { type Command, type Invocation, loadCommand } from './command.ts';
import { complete } from './complete.ts';
import { type CommandPath, helpText, inheritedFlags, localFlags, pathText, usageText } from './help.ts';
import { parseFlags, stripFlags, usage } from './parse.ts';
import type { Terminal } from './render/live.ts';
import type { Output } from './render/output.ts';
import { textScreen } from './render/screen.ts';
import { root } from './root.ts';

/** The process as the command line needs it. */
export interface CommandLine {
  readonly host: Host;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** `--rootfs`: changes the root directory of this process, then goes to `/`. */
  readonly changeRoot: (path: string) => Promise<void>;
  /** Empties or makes the file that `--output-events` names. @throws KubeadmError */
  readonly openEventFile: (path: string) => Promise<EventFile>;
  /** Gives nothing where stdout is no terminal. Left out: it is none. */
  readonly openTerminal?: () => Promise<Terminal | undefined>;
  /** Gives what frees the memory of a phase that is over, where there is such a thing. */
  readonly garbageCollector?: () => Promise<(() => void) | undefined>;
}

/** Where lines of events go; see host/machine/process/event-file.ts. */
export interface EventFile {
  /** At once; nothing once it is closed. */
  readonly write: (line: string) => void;
  /** What kept lines from their reader, where that was not the reader's own end. */
  readonly close: () => Promise<string | undefined>;
}

/** Runs one command line and gives the exit code: 0, or 1 for every error. */
export async function main(argv: readonly string[], commandLine: CommandLine): Promise<number> {
  let { output } = commandLine;
  let verbosity = 0;
  try {
    if (argv[0] === '__complete') {
      for (const [word, text] of await complete(root, argv.slice(1))) output.stdout(`${word}\t${text}\n`);
      return 0;
    }
    const found = await findCommand(argv);
    if (found.kind === 'help') {
      output.stdout(helpText(found.path));
      return 0;
    }
    const { path, rest } = found;
    const command = path[path.length - 1] ?? root;
    const parsed = parseFlags(rest, [...localFlags(path), ...inheritedFlags(path)]);
    verbosity = parsed.values.number('v');
    const streamed = parsed.values.has('output-events') && parsed.values.changed('output-events');
    if (!streamed) for (const notice of parsed.deprecations) output.stderr(`${notice}\n`);
    if (parsed.helpWanted) {
      output.stdout(helpText(path));
      return 0;
    }
    checkArguments(command, path, parsed.arguments);
    const rootfs = parsed.values.string('rootfs');
    if (rootfs !== '') await commandLine.changeRoot(rootfs);
    if (command.run === undefined) {
      output.stdout(helpText(path));
      if (command.helpOnly === true) return 0;
      throw usage('\nerror: subcommand is required');
    }
    const invocation = { flags: parsed.values, arguments: parsed.arguments, signal: commandLine.signal };
    if (!parsed.values.has('output-events')) {
      const screen = textScreen(output, verbosity);
      const record = (event: KubeadmEvent, phase: string | undefined): void =>
        screen({ event, phase, at: 0 });
      await command.run({ ...invocation, host: commandLine.host, output, ...reporting(record) });
      return 0;
    }
    const words = path.slice(1).map(({ name }) => name);
    const { startReport } = await import('./report.ts');
    const report = await startReport(
      { command: words.join(' '), flags: parsed.values, verbosity },
      commandLine,
    );
    ({ output } = report);
    const { emit, record } = reporting(report.record);
    if (streamed) for (const message of parsed.deprecations) emit({ type: 'flag-deprecated', message });
    const run = command.run({ ...invocation, host: report.host, output, record, emit });
    await run.catch(async (error: unknown) => {
      await report.end(error);
      throw error;
    });
    await report.end();
    return 0;
  } catch (error) {
    output.stderr(errorText(error, verbosity));
    return 1;
  }
}

function reporting(record: Invocation['record']): Pick<Invocation, 'emit' | 'record'> {
  return { record, emit: (event) => record(event, undefined) };
}

type Found =
  | { readonly kind: 'run'; readonly path: CommandPath; readonly rest: readonly string[] }
  | { readonly kind: 'help'; readonly path: CommandPath };

/** Walks down the tree by the words that are no flags. */
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
      if (command.later?.includes(first.word) === true) throw notYet(first.word, path);
      if (path.length === 1) throw unknownCommand(first.word, path);
      return { kind: 'run', path, rest };
    }
    path.push(await loadCommand(child));
    rest = rest.toSpliced(first.index, 1);
  }
}

async function helpPath(argv: readonly string[], helpIndex: number): Promise<CommandPath> {
  const words = stripFlags(argv.slice(helpIndex + 1), localFlags([root])).map(({ word }) => word);
  const path: Command[] = [root];
  for (const word of words) {
    const children = path[path.length - 1]?.commands ?? [];
    const child = children.find((entry) => entry.name === word || entry.aliases?.includes(word));
    if (child === undefined) {
      throw usage(
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
    throw usage(
      `accepts at most ${maximum} arg(s), received ${words.length}`,
      usageText(path).split('\n')[1]?.trim(),
    );
  }
}

function notYet(word: string, path: CommandPath): KubeadmError {
  return usage(
    `this kubeadm has no "${pathText(path)} ${word}" yet`,
    `upstream's kubeadm ${kubeadmVersion} has it`,
  );
}

function unknownCommand(word: string, path: CommandPath): KubeadmError {
  const names = (path[path.length - 1]?.commands ?? [])
    .filter((entry) => 'load' in entry || entry.helpOnly !== true)
    .map(({ name }) => name)
    .sort();
  const close = suggestions(word, names);
  const meant =
    close.length === 0 ? '' : `\n\nDid you mean this?\n${close.map((name) => `\t${name}\n`).join('')}`;
  const known = close.length > 0 || names.length === 0 ? undefined : `known here: ${names.join(', ')}`;
  return usage(`unknown command "${word}" for "${pathText(path)}"${meant}`, known);
}

/** What stderr gets when a command fails; the stack only from `-v 5` on. */
export function errorText(error: unknown, verbosity: number): string {
  const lines = [`error: ${messageOf(error)}`];
  if (error instanceof KubeadmError && error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  const endedBeyond = error instanceof KubeadmError ? error.details.endedBeyond : undefined;
  if (Array.isArray(endedBeyond) && endedBeyond.length > 0) {
    lines.push(`note: these phases had already ended: ${endedBeyond.join(', ')}`);
  }
  lines.push(
    verbosity > 4 ? stackText(error) : 'To see the stack trace of this error execute with --v=5 or higher',
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
