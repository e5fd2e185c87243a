/** The lab itself: its nodes, the isolation of labs from each other, and their complete removal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import { type Components, createTextReport, ensureComponents } from '../../components/index.ts';
import {
  backendsInUse,
  balance,
  createLab,
  type Lab,
  type LabOptions,
  listLabs,
  openLab,
  prune,
} from '../../lab/index.ts';

const namespaces = ['mnt', 'net', 'pid', 'uts', 'ipc', 'cgroup'] as const;
const watchedFolders = [
  '/',
  '/etc',
  '/opt',
  '/run',
  '/run/netns',
  '/var',
  '/var/lib',
  '/var/log',
  '/usr/bin',
];
const watchedSettings = [
  'kernel/panic',
  'kernel/panic_on_oops',
  'vm/overcommit_memory',
  'net/ipv4/ip_forward',
];

let home = '';
let components: Components;
const labs: Lab[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'lab-e2e-'));
  vi.stubEnv('XDG_STATE_HOME', home);
  components = await ensureComponents({ report: createTextReport(process.stderr) });
});

afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.delete();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

async function create(options: Omit<LabOptions, 'components'>): Promise<Lab> {
  const lab = await createLab({ ...options, components });
  labs.push(lab);
  return lab;
}

/** The machine's mounts, links and folders, and the settings that a kubelet might change. */
async function machineState(): Promise<unknown> {
  const lists = watchedFolders.map(async (path) => [path, (await readdir(path).catch(() => [])).sort()]);
  const settings = watchedSettings.map(async (name) => [name, await readFile(`/proc/sys/${name}`, 'utf8')]);
  return {
    mounts: (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').sort(),
    links: (await readdir('/sys/class/net')).sort(),
    folders: await Promise.all(lists),
    settings: await Promise.all(settings),
  };
}

async function groups(part: string): Promise<readonly string[]> {
  const found: string[] = [];
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory()) continue;
      const path = join(folder, entry.name);
      if (path.includes(`/kubeadm-lab/${part}`)) found.push(path);
      await look(path);
    }
  };
  await look('/sys/fs/cgroup');
  return found;
}

/** Namespaces of the processes with these ids. */
async function namespacesInUse(pids: readonly number[]): Promise<ReadonlySet<string>> {
  const names = pids.flatMap((pid) => namespaces.map((kind) => `/proc/${pid}/ns/${kind}`));
  const links = await Promise.all(names.map((name) => readlink(name).catch(() => undefined)));
  return new Set(links.flatMap((link) => (link === undefined ? [] : [link])));
}

async function allPids(): Promise<readonly number[]> {
  return (await readdir('/proc')).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

async function pidsBelow(part: string): Promise<readonly number[]> {
  const files = (await groups(part)).map((path) =>
    readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => ''),
  );
  const lines = (await Promise.all(files)).flatMap((text) => text.split('\n'));
  return [...new Set(lines.filter((line) => line !== '').map(Number))];
}

test('a node is a systemd host with containerd, the images and an enabled kubelet', async () => {
  const lab = await create({ nodes: [{ name: 'n1', forward: false }] });
  const node = lab.node('n1');
  expect((await node.mustExec(['systemctl', 'is-system-running'])).trim()).toBe('running');
  expect((await node.mustExec(['systemctl', 'is-active', 'containerd'])).trim()).toBe('active');
  expect((await node.mustExec(['systemctl', 'is-enabled', 'kubelet'])).trim()).toBe('enabled');
  expect(await node.mustExec(['systemctl', 'cat', 'kubelet'])).toContain('$KUBELET_KUBEADM_ARGS');
  const images = await node.mustExec(['ctr', '-n', 'k8s.io', 'images', 'list', '-q']);
  for (const { reference } of components.images) expect(images.split('\n')).toContain(reference);
  expect(await node.mustExec(['stat', '-f', '-c', '%T', '/var/lib/containerd'])).not.toContain('overlay');
  expect((await node.mustExec(['hostname'])).trim()).toBe('n1');
  expect((await node.mustExec(['cat', '/proc/sys/net/ipv4/ip_forward'])).trim()).toBe('0');
  expect(await node.logs({ unit: 'containerd' })).toContain('containerd successfully booted');
  // As after the installation of a package: kubeadm and the kubelet create these folders.
  expect((await node.exec(['ls', '/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd'])).code).not.toBe(0);
});

test('a lab node runs programs with input and deadlines, and exchanges files', async () => {
  const lab = await create({ nodes: [{ name: 'h1', kind: 'host' }] });
  const node = lab.node('h1');
  expect(
    await node.exec(['sh', '-c', 'cat; echo "$X" >&2; exit 7'], { input: 'in', env: { X: 'x y' } }),
  ).toEqual({
    code: 7,
    stdout: 'in',
    stderr: 'x y\n',
  });
  await expect(node.exec(['sleep', '60'], { timeoutMs: 300 })).rejects.toThrow(/not done/);
  expect((await node.exec(['sh', '-c', 'pidof sleep | wc -w'])).stdout.trim()).toBe('1');
  await node.writeFile('/etc/deep/er/secret', 'text', 0o600);
  expect(await node.readFile('/etc/deep/er/secret')).toBe('text');
  expect((await node.mustExec(['stat', '-c', '%a', '/etc/deep/er/secret'])).trim()).toBe('600');
  const folder = await mkdtemp(join(tmpdir(), 'lab-copy-'));
  await writeFile(join(folder, 'a'), 'A', { mode: 0o755 });
  await node.copyIn(folder, '/srv/copied');
  await node.copyIn(join(folder, 'a'), '/usr/bin/a-program');
  expect((await node.mustExec(['stat', '-c', '%a', '/usr/bin/a-program'])).trim()).toBe('755');
  await node.copyOut('/srv/copied', join(folder, 'back.1'));
  expect(await readFile(join(folder, 'back.1', 'a'), 'utf8')).toBe('A');
  await expect(node.copyOut('/no/such', join(folder, 'x'))).rejects.toThrow(/copy/);
  await rm(folder, { recursive: true });
});

test('nodes reach each other within a lab but not across labs, and unknown addresses are refused at once', async () => {
  const first = await create({
    nodes: [
      { name: 'n1', kind: 'host' },
      { name: 'n2', kind: 'host' },
    ],
  });
  const second = await create({
    nodes: [
      { name: 'n1', kind: 'host' },
      { name: 'n2', kind: 'host' },
    ],
  });
  const served = 'busybox httpd -p 8080 -h /srv';
  await first.node('n1').writeFile('/srv/index.html', 'first');
  await first.node('n1').mustExec(['sh', '-c', served]);
  expect(await first.node('n2').mustExec(['busybox', 'wget', '-qO-', 'http://n1:8080/'])).toBe('first');
  const other = await second.node('n2').exec(['busybox', 'wget', '-qO-', 'http://10.88.0.10:8080/']);
  expect(other).toMatchObject({ code: 1, stdout: '' });
  const begin = performance.now();
  const dials = Array.from({ length: 20 }, () =>
    first.node('n2').exec(['busybox', 'nc', '-w', '20', '10.96.0.1', '443'], { timeoutMs: 25_000 }),
  );
  for (const { code } of await Promise.all(dials)) expect(code).not.toBe(0);
  expect(performance.now() - begin).toBeLessThan(5000);
  await first.setLink('n1', false);
  expect((await first.node('n2').exec(['busybox', 'nc', '-w', '1', 'n1', '8080'])).code).not.toBe(0);
});

test('a lab node keeps its files when its power is cut', async () => {
  const lab = await create({ nodes: [{ name: 'n1' }] });
  const node = lab.node('n1');
  for (const path of ['/etc/kept', '/usr/local/kept', '/var/lib/kept']) await node.writeFile(path, path);
  await node.writeFile('/run/gone', 'x');
  await lab.restartNode('n1');
  for (const path of ['/etc/kept', '/usr/local/kept', '/var/lib/kept']) {
    expect(await node.readFile(path)).toBe(path);
  }
  expect((await node.exec(['cat', '/run/gone'])).code).not.toBe(0);
  expect((await node.mustExec(['systemctl', 'is-active', 'containerd'])).trim()).toBe('active');
});

test('a cut between two nodes stays over a power cut, and ends when it is healed', async () => {
  const lab = await create({ nodes: ['h1', 'h2', 'h3'].map((name) => ({ name, kind: 'host' as const })) });
  const reaches = async (from: string, to: string): Promise<boolean> =>
    (await lab.node(from).exec(['busybox', 'ping', '-c', '1', '-W', '1', to])).code === 0;
  expect(await reaches('h1', 'h2')).toBe(true);
  await lab.cut('h1', 'h2');
  expect([await reaches('h1', 'h2'), await reaches('h2', 'h1'), await reaches('h1', 'h3')]).toEqual([
    false,
    false,
    true,
  ]);
  await lab.cutPower('h2');
  expect([await lab.node('h2').isRunning(), await reaches('h3', 'h2')]).toEqual([false, false]);
  await lab.boot('h2');
  expect([await reaches('h3', 'h2'), await reaches('h1', 'h2')]).toEqual([true, false]);
  await lab.heal(['h2', 'h1']);
  expect(await reaches('h1', 'h2')).toBe(true);
  await lab.impair('h2', { lossPercent: 100 });
  expect(await reaches('h3', 'h2')).toBe(false);
  await lab.impair('h2', {});
  expect(await reaches('h3', 'h2')).toBe(true);
});

test('the balancer uses the backends that answer, and takes others while it runs', async () => {
  const lab = await create({ nodes: ['lb', 'h1', 'h2'].map((name) => ({ name, kind: 'host' as const })) });
  const [lb, h1, h2] = [lab.node('lb'), lab.node('h1'), lab.node('h2')];
  const serve = `set -e; mkdir -p /root/www; cd /root/www; hostname > readyz
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out crt -subj /CN=x 2>/dev/null
setsid openssl s_server -WWW -accept 6443 -cert crt -key key > /dev/null 2>&1 < /dev/null &`;
  for (const host of [h1, h2]) await host.mustExec(['sh', '-c', serve]);
  await balance(lb, [h1]);
  await expect.poll(() => backendsInUse(lb), { timeout: 10_000 }).toEqual(['h1']);
  await balance(lb, [h1, h2]);
  await expect.poll(() => backendsInUse(lb), { timeout: 10_000 }).toEqual(['h1', 'h2']);
  await lab.cutPower('h1');
  await expect.poll(() => backendsInUse(lb), { timeout: 10_000 }).toEqual(['h2']);
});

test('creating and deleting a lab leaves the machine unchanged', async () => {
  const before = await machineState();
  const own = await namespacesInUse([process.pid]);
  const lab = await createLab({
    id: 'leaves-nothing',
    nodes: [{ name: 'n1' }, { name: 'h1', kind: 'host' }],
    network: { ipv6: true },
    components,
  });
  await lab.node('n1').mustExec(['systemctl', 'start', '--no-block', 'kubelet']);
  const pids = await pidsBelow('leaves-nothing-');
  expect(pids.length).toBeGreaterThan(5);
  const used = [...(await namespacesInUse(pids))].filter((name) => !own.has(name));
  // Six namespaces of each node, and the network namespace of the gateway.
  expect(used.length).toBeGreaterThanOrEqual(13);
  expect(await machineState()).toEqual(before);
  await lab.delete();
  expect(await pidsBelow('leaves-nothing-')).toEqual([]);
  expect(await groups('leaves-nothing-')).toEqual([]);
  const left = await namespacesInUse(await allPids());
  expect(used.filter((name) => left.has(name))).toEqual([]);
  expect(await readdir(join(home, 'kubeadm-ts', 'lab'))).toEqual([]);
  expect(await machineState()).toEqual(before);
});

test.each([
  ['while it makes a lab', 150],
  ['with its lab up', undefined],
])('prune removes the remains of a run that was killed %s, and nothing else', async (_when, killAfterMs) => {
  const kept = await create({ id: 'kept', nodes: [{ name: 'h1', kind: 'host' }], keep: true });
  const entry = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'lab', 'index.ts');
  const source = `
    import { createLab } from ${JSON.stringify(entry)};
    const components = JSON.parse(process.argv[1]);
    console.log('begin');
    await createLab({ id: 'killed', nodes: [{ name: 'n1' }, { name: 'n2' }], components });
    console.log('up');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, JSON.stringify(components)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_STATE_HOME: home },
  });
  for await (const data of child.stdout) {
    if (String(data).includes(killAfterMs === undefined ? 'up' : 'begin')) break;
  }
  if (killAfterMs !== undefined) await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const before = (await listLabs()).find(({ id }) => id === 'killed');
  if (killAfterMs === undefined) expect(before?.state).toBe('leftover');
  else expect(before?.state ?? 'half-made').toBe('half-made');
  await prune();
  expect((await listLabs()).map(({ id, state }) => [id, state])).toEqual([['kept', 'running']]);
  expect(await pidsBelow('killed-')).toEqual([]);
  expect(await groups('killed-')).toEqual([]);
  expect((await kept.node('h1').mustExec(['hostname'])).trim()).toBe('h1');
});

test('a lab that cannot be created is an error and leaves nothing', async () => {
  const lab = await create({ id: 'taken', nodes: [{ name: 'h1', kind: 'host' }] });
  await expect(createLab({ id: 'taken', nodes: [], components })).rejects.toThrow('lab taken exists already');
  await expect(createLab({ nodes: [{ name: 'a' }, { name: 'a' }], components })).rejects.toThrow(/one name/);
  await expect(openLab('unknown')).rejects.toThrow(/no lab unknown/);
  expect(() => lab.node('n9')).toThrow(/no node n9/);
  expect((await listLabs()).map(({ id }) => id)).toEqual(['taken']);
});
