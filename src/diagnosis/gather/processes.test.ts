import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { processGatherer, startingProcesses, withDescendants } from './processes.ts';

/** A line of /proc/PID/stat. The name can have blanks and parentheses. */
function stat(pid: number, name: string, state: string, { parent = 1, ticks = 0, start = 500 } = {}): string {
  return `${pid} (${name}) ${state} ${parent} 1 1 0 -1 4194560 100 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${start}`;
}

function machine() {
  const host = createMemoryHost({ time: 'manual', files: { '/proc/7/comm': 'containerd\n' } });
  const set = async (state: string, ticks: number, thread = 7): Promise<void> => {
    const path = `/proc/7/task/${thread}/stat`;
    const line = stat(7, 'a (b) c', state, { ticks });
    await host.files.write(path, line, { mode: 0o444, directoryMode: 0o755 });
  };
  const { look } = processGatherer(host);
  return { host, look, set };
}

test('a process is idle as long as all its threads sleep and use nearly no processor time', async () => {
  const { host, look, set } = machine();
  await set('S', 100);
  expect(await look([7])).toEqual({ pid: 7, program: 'containerd', isStopped: false, idleMs: 0 });
  await host.time.advance(4_000);
  expect(await look([7])).toMatchObject({ idleMs: 4_000 });
  await host.time.advance(4_000);
  await set('S', 101);
  expect(await look([7])).toMatchObject({ idleMs: 8_000 });
  await host.time.advance(1_000);
  await set('S', 120);
  expect(await look([7])).toMatchObject({ idleMs: 0 });
});

test('a process that sleeps at two looks that are far apart can have worked between them', async () => {
  const { host, look, set } = machine();
  await set('S', 100);
  await look([7]);
  await host.time.advance(60_000);
  expect(await look([7])).toMatchObject({ idleMs: 0 });
});

test.each(['R', 'D'])('a process with a thread in the state %s is not idle', async (state) => {
  const { host, look, set } = machine();
  await set('S', 100);
  await look([7]);
  await set(state, 0, 8);
  await host.time.advance(9_000);
  expect(await look([7])).toMatchObject({ idleMs: 0, isStopped: false });
});

test('a process that a signal has stopped is found at the first look', async () => {
  const { look, set } = machine();
  await set('T', 100);
  expect(await look([7])).toMatchObject({ isStopped: true });
});

test('a process that has ended has no facts', async () => {
  expect(await machine().look([7])).toBeUndefined();
});

test('the programs that make containers are the children of the runtime and of its shims, with their own children', async () => {
  const processes = [
    stat(1, 'systemd', 'S', { parent: 0 }),
    stat(20, 'containerd', 'S'),
    stat(30, 'containerd-shim', 'S'),
    stat(40, 'runc', 'S', { parent: 30 }),
    stat(41, 'runc:[1:CHILD]', 'S', { parent: 40 }),
    stat(42, 'runc:[2:INIT]', 'S', { parent: 30 }),
    stat(50, 'sshd', 'S'),
  ];
  const files = Object.fromEntries(
    processes.map((line) => [`/proc/${line.split(' ', 1)[0]}/stat`, line] as const),
  );
  const host = createMemoryHost({ files });
  expect(await startingProcesses(host, 60_000)).toEqual([40, 41]);
  expect(await withDescendants(host, 30)).toEqual([30, 40, 41, 42]);
});

test('a container that ran before the wait is not a program that makes containers', async () => {
  const processes = [
    stat(30, 'containerd-shim', 'S'),
    stat(40, 'nginx', 'S', { parent: 30, start: 90_000 }),
    stat(41, 'runc', 'S', { parent: 30, start: 95_000 }),
  ];
  const files = Object.fromEntries(
    processes.map((line) => [`/proc/${line.split(' ', 1)[0]}/stat`, line] as const),
  );
  const host = createMemoryHost({ files: { ...files, '/proc/uptime': '1000.00 1500.00\n' } });
  expect(await startingProcesses(host, 60_000)).toEqual([41]);
  expect(await startingProcesses(host, 120_000)).toEqual([40, 41]);
});
