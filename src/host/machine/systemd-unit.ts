/**
 * Whether systemd's view of a unit matches the disk. `NeedDaemonReload` alone does not detect files in new places, or
 * files that were replaced by older ones.
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import type { ExecReads, FileReads } from '../../host.ts';

export interface SystemdHost {
  readonly exec: Pick<ExecReads, 'probe'>;
  readonly files: Pick<FileReads, 'list' | 'realpath'>;
  /** Milliseconds since 1970 of the last change of a file, its name, owner or mode (ctime), or of a link to it. */
  readonly changedAt?: (file: string) => number;
}

/**
 * Returns true if the unit and its drop-ins are those that systemd has read, without later changes. Returns false
 * otherwise, or if that is unknown. Source: systemd.unit(5), "Unit File Load Path" and the order of drop-ins.
 */
export async function isUnitCurrent(host: SystemdHost, service: string): Promise<boolean> {
  const unit = service.endsWith('.service') ? service : `${service}.service`;
  const [held, manager] = await Promise.all([
    show(host, [unit, '--property=LoadState,NeedDaemonReload,Names,FragmentPath,DropInPaths']),
    show(host, ['--timestamp=unix', '--property=UnitPath,UnitsLoadStartTimestamp,UnitsLoadTimestamp']),
  ]);
  if (held.get('LoadState') !== 'loaded' || held.get('NeedDaemonReload') !== 'no') return false;
  // A unit with several names has drop-ins in several folders.
  if (held.get('Names') !== unit) return false;
  const folders = words(manager.get('UnitPath'));
  // The time when systemd started, and when it last reloaded its units.
  const readAt = ['UnitsLoadTimestamp', 'UnitsLoadStartTimestamp']
    .map((name) => /^@(\d+)$/.exec(manager.get(name) ?? '')?.[1])
    .find((seconds) => seconds !== undefined);
  if (folders.length === 0 || readAt === undefined) return false;
  const fragment = await firstOf(host, folders, unit);
  const dropIns = await effectiveDropIns(host, folders, unit);
  const expected = await Promise.all([fragment, ...dropIns].map((file) => realPath(host, file)));
  const read = await Promise.all(
    [...words(held.get('FragmentPath')), ...words(held.get('DropInPaths'))].map((file) =>
      realPath(host, file),
    ),
  );
  if (expected.toSorted().join('\n') !== read.toSorted().join('\n')) return false;
  // A folder of drop-ins that replaced another one can contain files that are older than both.
  const onDisk = [fragment, ...dropIns, ...dropIns.map((file) => path.dirname(file))];
  const changedAt = host.changedAt ?? lastChange;
  return onDisk.every((file) => file === '' || changedAt(file) < Number(readAt) * 1000);
}

/** A link in the path that now points to an older file is also a change. */
function lastChange(file: string): number {
  const times = [statSync(file).ctimeMs];
  for (let place = file; place !== path.dirname(place); place = path.dirname(place)) {
    const link = lstatSync(place);
    if (!link.isSymbolicLink()) continue;
    const target = path.resolve(realpathSync(path.dirname(place)), readlinkSync(place));
    times.push(link.ctimeMs, lastChange(target));
  }
  return Math.max(...times);
}

async function show({ exec }: SystemdHost, args: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { code, stdout } = await exec.probe('systemctl', ['show', ...args]);
  if (code !== 0) return new Map();
  return new Map(
    stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

function words(text = ''): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

async function firstOf({ files }: SystemdHost, folders: readonly string[], name: string): Promise<string> {
  for (const folder of folders) {
    if ((await files.list(folder))?.includes(name) === true) return path.join(folder, name);
  }
  return '';
}

/** Of several drop-ins with one name, the first counts. Those of the unit come before those of all services. */
async function effectiveDropIns(
  { files }: SystemdHost,
  folders: readonly string[],
  unit: string,
): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const own of [`${unit}.d`, 'service.d']) {
    for (const folder of folders.map((one) => path.join(one, own))) {
      for (const name of (await files.list(folder)) ?? []) {
        if (name.endsWith('.conf') && !found.has(name)) found.set(name, path.join(folder, name));
      }
    }
  }
  return [...found.values()];
}

/** /lib and /usr/lib are the same folder on most systems. */
async function realPath({ files }: SystemdHost, file: string): Promise<string> {
  return await files.realpath(file).catch(() => file);
}
