import { expect, test } from 'vitest';

import { type Command, command, loadCommand } from './command.ts';
import { flag } from './flags.ts';
import { root } from './root.ts';

test('a command can read only its own flags, with their types from the table', () => {
  const made = command({
    name: 'made-up',
    short: '',
    flags: ['token-ttl', 'config', flag('groups', { default: '[a,b]' })],
    run: async ({ flags }) => {
      const ttl: number = flags.value('token-ttl');
      const groups: readonly string[] = flags.value('groups');
      const given: string | undefined = flags.given.config;
      // @ts-expect-error a duration is a number of milliseconds
      const wrong: string = flags.value('token-ttl');
      // @ts-expect-error the command has no such flag
      flags.value('dry-run');
      // @ts-expect-error the command has no such flag
      flags.given.force;
      expect([ttl, groups, given, wrong]).toEqual([]);
    },
  });
  expect(made.flags?.map(({ name, default: text }) => [name, text])).toEqual([
    ['token-ttl', '24h0m0s'],
    ['config', undefined],
    ['groups', '[a,b]'],
  ]);
});

test('a command cannot list a flag that is not in the table', () => {
  // @ts-expect-error there is no such flag
  command({ name: 'made-up', short: '', flags: ['no-such-flag'] });
});

test('every flag that a command reads as inherited is a persistent flag of a command above it', async () => {
  const wrong: string[] = [];
  const walk = async (node: Command, path: string, above: readonly string[]): Promise<void> => {
    for (const name of node.inherits ?? []) if (!above.includes(name)) wrong.push(`${path} --${name}`);
    const persistent = [...above, ...(node.persistentFlags ?? []).map(({ name }) => name)];
    for (const entry of node.commands ?? [])
      await walk(await loadCommand(entry), `${path} ${entry.name}`, persistent);
  };
  await walk(root, 'kubeadm', []);
  expect(wrong).toEqual([]);
});
