/** Runs `make release` twice in different folders, and checks that the results are equal, complete and usable. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { kubeletDropIn } from '../../lab/units.ts';
import { buildRelease, mustRun, temporaryFolder } from './builds.ts';
import { unpack } from './debian-package.ts';
import { installBeside } from './dpkg.ts';
import { installOffline } from './npm.ts';
import { emulator } from './qemu.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = temporaryFolder();
const manifest = readJson(path.join(root, 'package.json')) as { readonly version: string };
const base = `kubeadm-${manifest.version}`;
let first = '';
let second = '';

beforeAll(async () => {
  [first, second] = await Promise.all([
    buildRelease(path.join(folder, 'a'), { TZ: 'UTC', LC_ALL: 'C' }, '022'),
    buildRelease(path.join(folder, 'a longer/path'), { TZ: 'Pacific/Kiritimati', LC_ALL: 'C.UTF-8' }, '077'),
  ]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('two builds in different folders, time zones and umasks are equal byte for byte', async () => {
  expect(readdirSync(first).sort()).toEqual(
    [
      'LICENSE',
      'SHA256SUMS',
      'THIRD-PARTY-NOTICES.txt',
      `${base}-linux-amd64`,
      `${base}-linux-arm64`,
      `${base}.cdx.json`,
      `${base}.tgz`,
      `kubeadm-ts_${manifest.version}_amd64.deb`,
      `kubeadm-ts_${manifest.version}_arm64.deb`,
    ].sort(),
  );
  await mustRun('diff', ['--recursive', '--brief', first, second]);
});

test('SHA256SUMS holds for every other file', async () => {
  const checked = await mustRun('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: first });
  const names = checked.split('\n').flatMap((line) => /^(.*): OK$/.exec(line)?.[1] ?? []);
  expect(names.sort()).toEqual(
    readdirSync(first)
      .filter((name) => name !== 'SHA256SUMS')
      .sort(),
  );
});

test.each(['amd64', 'arm64'])(
  'the %s package contains kubeadm and the drop-in, and has the right metadata',
  async (architecture) => {
    const deb = path.join(first, `kubeadm-ts_${manifest.version}_${architecture}.deb`);
    const fields = await mustRun('dpkg-deb', ['--field', deb]);
    expect(fields).toMatch(new RegExp(`^Package: kubeadm-ts\nVersion: ${manifest.version}\n`));
    expect(fields).toMatch(new RegExp(`^Architecture: ${architecture}$`, 'm'));
    expect(fields).toMatch(/^Depends: libc6 \(>= 2\.28\)$/m);
    expect(fields).not.toMatch(/^(?:Provides|Conflicts|Replaces|Breaks):/m);
    const listing = (await mustRun('dpkg-deb', ['--contents', deb], { env: { TZ: 'UTC' } }))
      .trim()
      .split('\n');
    const columns = listing.map((line) => line.split(/\s+/));
    expect(new Set(columns.map((column) => column[1]))).toEqual(new Set(['root/root']));
    expect(new Set(columns.map((column) => `${column[3]} ${column[4]}`)).size).toBe(1);
    const files = columns.filter(([mode]) => mode?.startsWith('-'));
    const isPage = (column: readonly string[]): boolean =>
      /\/man1\/kubeadm-ts[a-z.-]*\.1\.gz$/.test(column[5] ?? '');
    expect(files.filter(isPage).length).toBeGreaterThan(100);
    expect(files.filter((column) => !isPage(column)).map((column) => `${column[0]} ${column[5]}`)).toEqual([
      '-rwxr-xr-x ./usr/bin/kubeadm-ts',
      '-rw-r--r-- ./usr/lib/systemd/system/kubelet.service.d/09-kubeadm-ts.conf',
      '-rw-r--r-- ./usr/share/doc/kubeadm-ts/CHANGELOG.md',
      '-rw-r--r-- ./usr/share/doc/kubeadm-ts/NOTICE',
      '-rw-r--r-- ./usr/share/doc/kubeadm-ts/THIRD-PARTY-NOTICES.txt',
      '-rw-r--r-- ./usr/share/doc/kubeadm-ts/copyright',
      `-rw-r--r-- ./usr/share/doc/kubeadm-ts/${base}.cdx.json`,
    ]);
    const unpacked = path.join(folder, architecture);
    await mustRun('dpkg-deb', ['--extract', deb, unpacked]);
    const dropIn = 'usr/lib/systemd/system/kubelet.service.d/09-kubeadm-ts.conf';
    expect(readFileSync(path.join(unpacked, dropIn), 'utf8')).toBe(kubeletDropIn);
    const program = readFileSync(path.join(unpacked, 'usr/bin/kubeadm-ts'));
    expect(program.equals(readFileSync(path.join(first, `${base}-linux-${architecture}`)))).toBe(true);
  },
);

test('the manual pages of the package have no mistake that mandoc finds', async () => {
  const tools = path.join(folder, 'mandoc');
  await unpack({ mandoc: 'usr/bin/mandoc' }, tools);
  const mandoc = path.join(tools, 'usr/bin/mandoc');
  const cwd = path.join(folder, 'amd64/usr/share/man/man1');
  const packed = readdirSync(cwd);
  expect(packed).toEqual(expect.arrayContaining(['kubeadm-ts.1.gz', 'kubeadm-ts-init.1.gz']));
  // mandoc unpacks only one file of a call.
  await mustRun('gunzip', packed, { cwd });
  expect(await mustRun(mandoc, ['-Tlint', '-W', 'warning', ...readdirSync(cwd)], { cwd })).toBe('');
  const text = await mustRun(mandoc, ['-Tascii', 'kubeadm-ts-token-list.1'], { cwd });
  expect(text.replaceAll(/.[\b]/g, '')).toContain('kubeadm-ts token list [flags]');
});

test('the packed executable runs and prints its commit and build time', async () => {
  const commit = (await mustRun('git', ['log', '-1', '--format=%H %ct'])).trim().split(' ');
  const text = await mustRun(path.join(folder, 'amd64/usr/bin/kubeadm-ts'), ['version', '-o', 'json']);
  expect(JSON.parse(text)).toMatchObject({
    clientVersion: {
      gitVersion: 'v1.36.2',
      gitCommit: commit[0],
      buildDate: `${new Date(Number(commit[1]) * 1000).toISOString().slice(0, 19)}Z`,
      platform: 'linux/amd64',
      kubeadmTypeScript: manifest.version,
    },
  });
});

test('the package can be installed beside the packages kubeadm and kubelet', async () => {
  const deb = path.join(first, `kubeadm-ts_${manifest.version}_amd64.deb`);
  expect(await installBeside(deb, path.join(folder, 'system'))).toEqual({
    before: ['kubeadm', 'kubelet', 'libc6'],
    after: ['kubeadm', 'kubeadm-ts', 'kubelet', 'libc6', 'needs-kubeadm'],
    dropInOwner: 'kubeadm',
    programOwner: 'kubeadm',
  });
});

test('the arm64 executable starts, makes keys and changes its root in an emulator', async () => {
  const { program, args } = await emulator(path.join(folder, 'qemu'));
  const arm64 = [...args, path.join(folder, 'arm64/usr/bin/kubeadm-ts')];
  const version = JSON.parse(await mustRun(program, [...arm64, 'version', '-o', 'json'])) as unknown;
  expect(version).toMatchObject({ clientVersion: { gitVersion: 'v1.36.2', platform: 'linux/arm64' } });

  const guest = path.join(folder, 'guest');
  mkdirSync(guest);
  const where = [`--rootfs=${guest}`, '--cert-dir=/pki', '--kubernetes-version=v1.36.2'];
  await mustRun(program, [...arm64, 'init', 'phase', 'certs', 'ca', ...where]);
  const ca = path.join(guest, 'pki/ca.crt');
  expect(await mustRun('openssl', ['verify', '-CAfile', ca, ca])).toContain('ca.crt: OK');
});

test('the bill of materials names every bundled package and the runtime, with version and licence', async () => {
  const bill = readJson(path.join(first, `${base}.cdx.json`)) as Bill;
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name: 'kubeadm', version: manifest.version } },
  });
  expect(bill.serialNumber).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const listed = bill.components.map(({ name, version, licenses }) => {
    const licences = licenses.map((entry) => entry.license?.id ?? entry.expression);
    return { name, version, license: licences.join() };
  });

  const meta = path.join(folder, 'meta.json');
  const bun = path.join(root, 'node_modules/@oven/bun-linux-x64-baseline/bin/bun');
  await mustRun(bun, [
    'build',
    '--target=bun',
    `--metafile=${meta}`,
    `--outdir=${folder}/bundle`,
    'src/bin.ts',
  ]);
  const { inputs } = readJson(meta) as { readonly inputs: Readonly<Record<string, unknown>> };
  const names = Object.keys(inputs).flatMap(
    (input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [],
  );
  const bundled = [...new Set(names), '@oven/bun-linux-x64-baseline'];
  expect(bundled.length).toBeGreaterThan(8);
  const notices = readFileSync(path.join(first, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const name of bundled) {
    const { version, license } = readJson(path.join(root, 'node_modules', name, 'package.json')) as Listed;
    expect(listed).toContainEqual({ name, version, license });
    if (!name.startsWith('@oven/')) expect(notices).toContain(`\n${name} ${version} (`);
  }
  expect(listed.map(({ name }) => name)).toContain('@oven/bun-linux-aarch64');
  const runtime = bill.components.find(({ name }) => name === '@oven/bun-linux-x64-baseline');
  expect(runtime?.components?.map(({ name }) => name)).toContain('JavaScriptCore (WebKit)');
  expect(notices).toContain('GNU LIBRARY GENERAL PUBLIC LICENSE');
});

test('the npm tarball can be installed without a network, can be imported, and has types', async () => {
  const installed = await installOffline(path.join(first, `${base}.tgz`), path.join(folder, 'project'));
  expect(installed.packages).not.toContain('@oven/bun-linux-x64-baseline');
  expect(installed.files.filter((name) => /\.(test|fixture)\./.test(name))).toEqual([]);
  expect(installed.files).toContain('NOTICE');
  expect(installed.printed).toBe('v1.36.2 object\n');
  expect(installed.typeErrors).toBe('');
});

interface Listed {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

interface Bill {
  readonly serialNumber: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses: readonly {
      readonly license?: { readonly id: string };
      readonly expression?: string;
    }[];
    readonly components?: readonly { readonly name: string }[];
  }[];
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
