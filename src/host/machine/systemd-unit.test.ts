import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { createMemoryHost } from '../memory/index.ts';
import { createMachineExec } from './exec.ts';
import { createMachineFiles } from './files/files.ts';
import { isUnitCurrent } from './systemd-unit.ts';

const folders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
const fragment = '/usr/lib/systemd/system/kubelet.service';
const dropIn = '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf';

interface Held {
  readonly LoadState?: string;
  readonly NeedDaemonReload?: string;
  readonly code?: number;
  readonly Names?: string;
}

/** systemd has read the unit and its one drop-in; the files in `more` were added later. */
async function current(
  more: readonly string[] = [],
  { code = 0, ...held }: Held = {},
  changedAt = 99_999,
  reread = '',
): Promise<boolean> {
  const unit = {
    LoadState: 'loaded',
    NeedDaemonReload: 'no',
    Names: 'kubelet.service',
    FragmentPath: fragment,
    DropInPaths: dropIn,
    ...held,
  };
  const text = (values: object): string =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
  const host = createMemoryHost({
    files: Object.fromEntries([fragment, dropIn, ...more].map((file) => [file, '[Service]\n'])),
    programs: {
      systemctl: (args) => ({
        code,
        stdout: args.includes('kubelet.service')
          ? text(unit)
          : text({
              UnitPath: folders.join(' '),
              UnitsLoadStartTimestamp: '@100',
              UnitsLoadTimestamp: reread,
            }),
      }),
    },
  });
  return await isUnitCurrent({ ...host, changedAt: () => changedAt }, 'kubelet');
}

test('systemd need not read a unit again that has not changed on the disk', async () => {
  expect(await current()).toBe(true);
  expect(await current(['/etc/systemd/system/containerd.service.d/10.conf'])).toBe(true);
  expect(await current(['/etc/systemd/system/kubelet.service.d/README'])).toBe(true);
  // Only the first of several drop-ins with one name counts, and systemd has read that one.
  expect(await current(['/lib/systemd/system/kubelet.service.d/10-kubeadm.conf'])).toBe(true);
});

test.each([
  ['a drop-in in a new folder', ['/etc/systemd/system/kubelet.service.d/99.conf']],
  ['a drop-in for all services', ['/run/systemd/system/service.d/99.conf']],
  ['a drop-in over the one that was read', ['/etc/systemd/system/kubelet.service.d/10-kubeadm.conf']],
  ['a unit over the one that was read', ['/etc/systemd/system/kubelet.service']],
])('systemd must read the unit again after this change: %s', async (_, more) => {
  expect(await current(more)).toBe(false);
});

test('systemd must read a file that was added later, whatever its modification time', async () => {
  expect(await current([], {}, 100_000)).toBe(false);
  expect(await current([], {}, 100_000, '@101')).toBe(true);
});

test.each([
  ['systemd sees a change itself', { NeedDaemonReload: 'yes' }],
  ['the unit is not loaded', { LoadState: 'not-found' }],
  ['the unit has another name, too', { Names: 'kubelet.service node.service' }],
  ['systemd does not answer', { code: 1 }],
])('systemd must read the unit again because %s', async (_, held) => {
  expect(await current([], held)).toBe(false);
});

test('systemd must read the unit again after a link or folder changes to older files', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'kubeadm-units-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [units, links] = [path.join(root, 'units'), path.join(root, 'links')];
  const [unit, folder] = [path.join(units, 'kubelet.service'), path.join(units, 'kubelet.service.d')];
  for (const made of [units, links, folder, `${folder}.old`, path.join(root, 'v1'), path.join(root, 'v2')])
    mkdirSync(made);
  for (const version of ['v1', 'v2']) writeFileSync(path.join(root, version, 'kubelet.service'), version);
  for (const made of [folder, `${folder}.old`]) writeFileSync(path.join(made, '10.conf'), made);
  const relink = (target: string, link: string): void => {
    symlinkSync(target, `${link}.new`);
    renameSync(`${link}.new`, link);
  };
  relink('../v2', path.join(links, 'current'));
  relink('../links/current/kubelet.service', unit);
  let readAt = 0;
  const current = async (): Promise<boolean> =>
    await isUnitCurrent(
      {
        files: createMachineFiles(createMachineExec()),
        exec: {
          probe: async (_program, args) => ({
            code: 0,
            stdout: args.includes('kubelet.service')
              ? `LoadState=loaded\nNeedDaemonReload=no\nNames=kubelet.service\nFragmentPath=${unit}\nDropInPaths=${folder}/10.conf\n`
              : `UnitPath=${units}\nUnitsLoadTimestamp=@${readAt}\n`,
            stderr: '',
          }),
        },
      },
      'kubelet',
    );
  const read = async (): Promise<void> => {
    readAt = Math.ceil(Date.now() / 1000 + 0.05);
    await sleep(readAt * 1000 + 50 - Date.now());
    expect(await current()).toBe(true);
  };
  await read();
  writeFileSync(path.join(units, 'containerd.service'), '');
  expect(await current()).toBe(true);
  relink('../v1', path.join(links, 'current'));
  expect(await current()).toBe(false);
  await read();
  relink('../v2/kubelet.service', unit);
  expect(await current()).toBe(false);
  await read();
  renameSync(folder, `${folder}.new`);
  renameSync(`${folder}.old`, folder);
  expect(await current()).toBe(false);
});
