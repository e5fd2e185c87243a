import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { kubeletGatherer } from './kubelet.ts';

interface Unit {
  state: string;
  sub: string;
  restarts: number;
  status: number;
  invocation: string;
}

const since = new Date('2026-11-24T19:20:00.500Z');

/** systemctl and journalctl as systemd 252 answers. */
function machine() {
  const unit: Unit = { state: 'active', sub: 'running', restarts: 0, status: 0, invocation: 'a1' };
  const journal = new Map<string, string[]>();
  const host = createMemoryHost({
    programs: {
      systemctl: () => ({
        stdout: `NRestarts=${unit.restarts}\nExecMainPID=209\nExecMainStatus=${unit.status}\nActiveState=${unit.state}\nSubState=${unit.sub}\nInvocationID=${unit.invocation}\n`,
      }),
      journalctl: (args) => {
        const match = args.find((arg) => arg.startsWith('_SYSTEMD_INVOCATION_ID='))?.split('=')[1] ?? '';
        const lines = journal.get(match) ?? [];
        const after = Number(args.find((arg) => arg.startsWith('--after-cursor='))?.split('=')[1] ?? 0);
        const cursor = lines.length > after ? `-- cursor: ${lines.length}\n` : '';
        return {
          stdout: `${lines
            .slice(after)
            .map((line) => `${line}\n`)
            .join('')}${cursor}`,
        };
      },
    },
  });
  return { host, unit, journal, ...kubeletGatherer(host, { since }) };
}

const pull = (image: string): string =>
  `E1124 19:22:26.754925     217 remote_image.go:250] "PullImage from image service failed" err="no" image="${image}"`;

test('the look at the kubelet reads the journal of the process that runs, each line once', async () => {
  const { journal, look } = machine();
  journal.set('a1', [pull('a:1')]);
  expect((await look(2000)).pulls).toEqual([{ image: 'a:1', message: 'no', never: false, at: 2000 }]);
  journal.get('a1')?.push('other', pull('b:1'));
  expect((await look(3000)).pulls.map(({ at, image }) => [image, at])).toEqual([
    ['a:1', 2000],
    ['b:1', 3000],
  ]);
  expect((await look(4000)).pulls).toHaveLength(2);
});

test('the look at the kubelet does not read what a kubelet that is not restarted has reported before the run', async () => {
  const reads: string[] = [];
  const { host, journal, look } = machine();
  const journalctl = host.programs.programs.get('journalctl');
  host.programs.programs.set('journalctl', (args, options) => {
    reads.push(args.find((arg) => /^--(?:since|after-cursor)=/.test(arg)) ?? 'everything');
    return typeof journalctl === 'function' ? journalctl(args, options) : (journalctl ?? {});
  });
  journal.set('a1', [pull('a:1')]);
  await look(2000);
  await look(3000);
  expect(reads).toEqual(['--since=@1795548000', '--after-cursor=1']);
});

test('the look at the kubelet forgets failures of Pods that have a sandbox, also those that it reads only afterwards', async () => {
  const { forget, host, journal, look } = machine();
  const failed = (pod: string): string =>
    `E1124 19:21:33.490243     228 kuberuntime_sandbox.go:70] "Failed to create sandbox for pod" err="no" pod="${pod}"`;
  const pods = async (at: number) => (await look(at)).sandboxes.map(({ pod }) => pod);
  const lines = [failed('a'), failed('b')];
  journal.set('a1', lines);
  expect(await pods(1000)).toEqual(['a', 'b']);
  forget(['a']);
  lines.push(failed('a'));
  const journalctl = host.programs.programs.get('journalctl');
  host.programs.programs.set('journalctl', { code: 1 });
  expect(await pods(2000)).toEqual(['b']);
  if (journalctl !== undefined) host.programs.programs.set('journalctl', journalctl);
  expect(await pods(3000)).toEqual(['b']);
  lines.push(failed('a'));
  expect(await pods(4000)).toEqual(['b', 'a']);
});

const refused =
  'E1124 19:22:26.754925     217 kubelet_node_status.go:108] "Unable to register node with API server" err="no" node="cp"';

test('the look at the kubelet forgets failures to register after a success, and those of an earlier process', async () => {
  const { journal, look, unit } = machine();
  const failures = async () => (await look(0)).nodeFailures.length;
  journal.set('a1', [refused, refused]);
  expect(await failures()).toBe(2);
  const success =
    'I1124 19:22:27.754925     217 kubelet_node_status.go:78] "Successfully registered node" node="cp"';
  journal.get('a1')?.push(success, refused);
  expect(await failures()).toBe(1);
  Object.assign(unit, { invocation: 'a2' });
  journal.set('a2', []);
  expect(await failures()).toBe(0);
});

const drop = 'KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml';
test.each([
  ['false with the drop-in of kubeadm', '/usr/bin/kubelet', drop, '/etc/default/kubelet', false],
  ['true without the flag', '/usr/bin/kubelet', '', '', true],
  ['unknown when a file may add the flag', '/usr/bin/kubelet', '', '/etc/default/kubelet', undefined],
  ['unknown when another program starts the kubelet', '/usr/bin/start-kubelet', '', '', undefined],
])('whether the unit lacks --config is %s', async (_, program, environment, file, expected) => {
  const { host, look } = machine();
  const { stdout } = await host.exec.probe('systemctl', ['show']);
  const start = `{ path=${program} ; argv[]=${program} $KUBELET_CONFIG_ARGS ; ignore_errors=no }`;
  const unit = [`ExecStart=${start}`, `Environment=${environment}`, `EnvironmentFiles=${file}`];
  host.programs.programs.set('systemctl', { stdout: `${stdout}${unit.join('\n')}\n` });
  expect((await look(0)).kubelet?.withoutConfig).toBe(expected);
});

test('the look at the kubelet counts the ends since the first look and keeps what each process said last', async () => {
  const { journal, look, unit } = machine();
  journal.set('a1', ['first token abcdef.0123456789abcdef']);
  journal.set('a2', ['second']);
  Object.assign(unit, { state: 'activating', sub: 'auto-restart', status: 1 });
  expect((await look(0)).kubelet).toEqual({
    state: 'activating',
    unit: { load: '', state: 'activating', result: '', exitCode: 1 },
    exitsEver: 1,
    exits: 0,
    runs: [{ exitCode: 1, log: ['first token abcdef.<secret>'] }],
  });
  Object.assign(unit, { state: 'active', sub: 'running', restarts: 1, status: 0, invocation: 'a2' });
  expect((await look(10_000)).kubelet).toMatchObject({ state: 'active', exitsEver: 1, exits: 0 });
  Object.assign(unit, { state: 'activating', sub: 'auto-restart', status: 3 });
  const { kubelet } = await look(11_000);
  expect(kubelet).toMatchObject({ exitsEver: 2, exits: 1 });
  expect(kubelet?.runs.at(-1)).toEqual({ exitCode: 3, log: ['second'] });
});

test('the look at the kubelet reads last words that come late', async () => {
  const { journal, look, unit } = machine();
  Object.assign(unit, { state: 'activating', sub: 'auto-restart', status: 3 });
  expect((await look(0)).kubelet?.runs).toEqual([{ exitCode: 3, log: [] }]);
  journal.set('a1', ['this is no kubelet']);
  expect((await look(2000)).kubelet?.runs).toEqual([{ exitCode: 3, log: ['this is no kubelet'] }]);
});

test('the look at the kubelet finds the last words of a process that journald could not look at any more', async () => {
  const { host, look, unit } = machine();
  Object.assign(unit, { state: 'activating', sub: 'auto-restart', status: 3 });
  host.programs.programs.set('journalctl', (args) => ({
    stdout: args.includes('--unit=kubelet') && args.includes('_PID=209') ? 'this is no kubelet\n' : '',
  }));
  expect((await look(0)).kubelet?.runs).toEqual([{ exitCode: 3, log: ['this is no kubelet'] }]);
});

test('the look at the kubelet knows nothing where there is no unit, and fails where there is no systemd', async () => {
  const { host } = machine();
  host.programs.programs.set('systemctl', { code: 1 });
  expect(await kubeletGatherer(host, { since }).look(0)).toMatchObject({ pulls: [], sandboxes: [] });
  await expect(kubeletGatherer(createMemoryHost(), { since }).look(0)).rejects.toThrow('systemctl');
});

test('the look at the kubelet counts from the begin of the wait, although it first looks later', async () => {
  const { begin, look, unit } = machine();
  Object.assign(unit, { restarts: 3 });
  await begin();
  Object.assign(unit, { restarts: 4 });
  expect((await look(3000)).kubelet).toMatchObject({ exits: 1, exitsEver: 4 });
});
