import { expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import type { Phase } from '../workflow/phase.ts';
import { type Command, command, loadCommand } from './command.ts';
import { complete } from './complete.ts';
import { commandFlags } from './flag-values.ts';
import type { FlagName } from './flags.ts';
import { helpText } from './help.ts';
import { phaseCommand } from './phase-commands.ts';

const endpoint = { usage: '[api-server-endpoint]', maximum: 1 };

/** A phase with children, such as `join phase control-plane-prepare`. */
const prepare: Phase<null, null, never, FlagName> = {
  name: 'prepare',
  short: 'Prepare the machine',
  allFlags: ['config'],
  arguments: endpoint,
  children: [{ name: 'certs', short: 'Make certificates', flags: ['config'], arguments: endpoint }],
};

interface Request {
  readonly only: readonly string[];
  readonly words: readonly string[];
}

function tree(requests: Request[]): Command {
  return command({
    name: 'join',
    short: '',
    commands: [
      phaseCommand({
        command: 'join',
        phases: [prepare, { name: 'wait', short: 'Wait', flags: [] }],
        run: async (invocation, only) => void requests.push({ only, words: invocation.arguments }),
      }),
    ],
  });
}

async function at(start: Command, ...names: readonly string[]): Promise<readonly Command[]> {
  const path = [start];
  for (const name of names) {
    const entry = path.at(-1)?.commands?.find((child) => child.name === name);
    if (entry === undefined) throw new Error(`no ${name}`);
    path.push(await loadCommand(entry));
  }
  return path;
}

test.each([
  [['prepare', 'certs'], 'join phase prepare certs [api-server-endpoint] [flags]', 1],
  [['prepare', 'all'], 'join phase prepare all [api-server-endpoint] [flags]', 1],
  [['wait'], 'join phase wait [flags]', undefined],
])('the usage of phase %j shows the arguments that it takes', async (words, usage, maximum) => {
  const path = await at(tree([]), 'phase', ...words);
  expect(helpText(path)).toContain(`Usage:\n  ${usage}\n`);
  expect(path.at(-1)?.maximumArguments).toBe(maximum);
});

test('the words after a phase reach the request of its command', async () => {
  const requests: Request[] = [];
  const [certs] = (await at(tree(requests), 'phase', 'prepare', 'certs')).slice(-1);
  await certs?.run?.({
    flags: commandFlags<FlagName>([], new Map()),
    arguments: ['10.0.0.1:6443'],
    host: createMemoryHost({}),
    output: { stdout: () => undefined, stderr: () => undefined },
    emit: () => undefined,
    record: () => undefined,
    startedAt: 0,
    reportResult: () => undefined,
    signal: new AbortController().signal,
  });
  expect(requests).toEqual([{ only: ['prepare/certs'], words: ['10.0.0.1:6443'] }]);
});

test('completion offers phases before an argument, and flags after it', async () => {
  const join = tree([]);
  expect(await complete(join, ['phase', 'prepare', ''])).toEqual([
    ['all', 'Prepare the machine: all of its parts'],
    ['certs', 'Make certificates'],
  ]);
  expect(
    (await complete(join, ['phase', 'prepare', 'certs', '10.0.0.1:6443', '--c'])).map(([w]) => w),
  ).toEqual(['--config']);
});
