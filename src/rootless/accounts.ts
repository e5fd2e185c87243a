/**
 * Users and groups of a control plane without root, as text of /etc/passwd and /etc/group.
 * Source: KEP 2568, cmd/kubeadm/app/util/users/users_linux.go.
 */
import { KubeadmError } from '../errors.ts';

export const rootlessUsers = ['kubeadm-etcd', 'kubeadm-kas', 'kubeadm-kcm', 'kubeadm-ks'] as const;

/** Members can read sa.key. */
export const keyReadersGroup = 'kubeadm-sa-key-readers';

export type RootlessUser = (typeof rootlessUsers)[number];
export type RootlessGroup = RootlessUser | typeof keyReadersGroup;

const groupMembers: Readonly<Record<RootlessGroup, readonly RootlessUser[]>> = {
  'kubeadm-etcd': ['kubeadm-etcd'],
  'kubeadm-kas': ['kubeadm-kas'],
  'kubeadm-kcm': ['kubeadm-kcm'],
  'kubeadm-ks': ['kubeadm-ks'],
  [keyReadersGroup]: ['kubeadm-kas', 'kubeadm-kcm'],
};

const groupNames = Object.keys(groupMembers) as readonly RootlessGroup[];
const noShell = '/bin/false';

/** Ids that the system can assign, including both ends. */
export interface IdRanges {
  readonly uid: { readonly min: number; readonly max: number };
  readonly gid: { readonly min: number; readonly max: number };
}

export interface AccountIds {
  readonly users: Readonly<Record<RootlessUser, number>>;
  readonly groups: Readonly<Record<RootlessGroup, number>>;
}

export interface AccountPlan {
  readonly passwd: string;
  readonly group: string;
  readonly ids: AccountIds;
}

interface User {
  readonly name: string;
  readonly id: number;
  readonly gid: number;
  readonly shell: string;
}

interface Group {
  readonly name: string;
  readonly id: number;
  readonly members: string;
}

/** The ranges of /etc/login.defs, by default 100-999. */
export function parseIdRanges(loginDefs: string): IdRanges {
  const value = (key: string, otherwise: number): number => {
    const line = loginDefs.split('\n').findLast((each) => each.startsWith(key));
    if (line === undefined) return otherwise;
    const text = line.slice(key.length).trim();
    if (!/^[+-]?\d+$/.test(text)) throw refuse(`/etc/login.defs: ${key} must be a number, not "${text}"`);
    return Number(text);
  };
  return {
    uid: { min: value('SYS_UID_MIN', 100), max: value('SYS_UID_MAX', 999) },
    gid: { min: value('SYS_GID_MIN', 100), max: value('SYS_GID_MAX', 999) },
  };
}

/**
 * The texts with the missing users and groups added, each with the lowest free id. Existing ones must be exactly as
 * kubeadm creates them.
 *
 * @throws KubeadmError `refused`
 */
export function planAccounts(passwd: string, group: string, ranges: IdRanges): AccountPlan {
  const users = parseUsers(passwd);
  const groups = parseGroups(group);
  for (const name of rootlessUsers) checkUser(name, { users, groups, ranges });
  for (const name of groupNames) checkGroup(name, groups, ranges);

  const newUsers = rootlessUsers.filter((name) => !users.some((user) => user.name === name));
  const newGroups = groupNames.filter((name) => !groups.some((each) => each.name === name));
  const gids = freeIds(groups, ranges.gid, newGroups.length);
  const uids = freeIds(users, ranges.uid, newUsers.length);
  const groupIds = ids(groupNames, groups, new Map(newGroups.map((name, index) => [name, gids[index] ?? 0])));
  const userIds = ids(rootlessUsers, users, new Map(newUsers.map((name, index) => [name, uids[index] ?? 0])));
  return {
    passwd: append(
      passwd,
      newUsers.map((name) => `${name}:x:${userIds[name]}:${groupIds[name]}:::${noShell}`),
    ),
    group: append(
      group,
      newGroups.map((name) => `${name}:x:${groupIds[name]}:${groupMembers[name].join(',')}`),
    ),
    ids: { users: userIds, groups: groupIds },
  };
}

/** The texts without kubeadm's users and groups. */
export function removeAccounts(
  passwd: string,
  group: string,
): { readonly passwd: string; readonly group: string } {
  const without = (text: string, names: readonly string[]) =>
    text
      .split('\n')
      .filter((line) => !names.some((name) => line.startsWith(`${name}:`)))
      .join('\n');
  return { passwd: without(passwd, rootlessUsers), group: without(group, groupNames) };
}

function checkUser(
  name: RootlessUser,
  known: { readonly users: readonly User[]; readonly groups: readonly Group[]; readonly ranges: IdRanges },
): void {
  const user = known.users.find((each) => each.name === name);
  if (user === undefined) return;
  const { min, max } = known.ranges.uid;
  if (user.id < min || user.id > max) {
    throw refuse(`user "${name}" has UID ${user.id}, outside of the system's range ${min}-${max}`);
  }
  if (user.shell !== noShell)
    throw refuse(`user "${name}" has shell "${user.shell}", expected is "${noShell}"`);
  const group = known.groups.find((each) => each.id === user.gid);
  if (group === undefined) throw refuse(`user "${name}" has GID ${user.gid}, but no group has it`);
  if (group.name !== name) throw refuse(`user "${name}" has GID ${user.gid}, which is group "${group.name}"`);
}

function checkGroup(name: RootlessGroup, groups: readonly Group[], ranges: IdRanges): void {
  const group = groups.find((each) => each.name === name);
  if (group === undefined) return;
  const { min, max } = ranges.gid;
  if (group.id < min || group.id > max) {
    throw refuse(`group "${name}" has GID ${group.id}, outside of the system's range ${min}-${max}`);
  }
  const wanted = groupMembers[name].join(',');
  if (group.members !== wanted) {
    throw refuse(`group "${name}" has the members "${group.members}", expected are "${wanted}"`);
  }
}

function parseUsers(text: string): readonly User[] {
  return entries(text, '/etc/passwd', 7).map(({ fields, number }) => ({
    name: fields[0] ?? '',
    id: number(2),
    gid: number(3),
    shell: fields[6] ?? '',
  }));
}

function parseGroups(text: string): readonly Group[] {
  return entries(text, '/etc/group', 4).map(({ fields, number }) => ({
    name: fields[0] ?? '',
    id: number(2),
    members: fields[3] ?? '',
  }));
}

interface Entry {
  readonly fields: readonly string[];
  readonly number: (field: number) => number;
}

function entries(text: string, file: string, count: number): readonly Entry[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const place = `${file}, line ${index + 1}`;
    const fields = line.trim().split(':');
    if (fields.length !== count) {
      throw refuse(
        `${place}: an entry has ${count} fields with ":" between them, this one has ${fields.length}`,
      );
    }
    const number = (field: number): number => {
      const value = fields[field] ?? '';
      if (!/^[+-]?\d+$/.test(value)) throw refuse(`${place}: "${value}" is not an id`);
      return Number(value);
    };
    return [{ fields, number }];
  });
}

function freeIds(
  taken: readonly { readonly id: number }[],
  { min, max }: { readonly min: number; readonly max: number },
  count: number,
): readonly number[] {
  const used = new Set(taken.map(({ id }) => id));
  const free: number[] = [];
  for (let id = min; id <= max && free.length < count; id++) if (!used.has(id)) free.push(id);
  if (free.length < count) throw refuse(`there are no ${count} free ids in the range ${min}-${max}`);
  return free;
}

function ids<Name extends string>(
  names: readonly Name[],
  existing: readonly { readonly name: string; readonly id: number }[],
  added: ReadonlyMap<string, number>,
): Readonly<Record<Name, number>> {
  const idOf = (name: Name): number =>
    existing.find((each) => each.name === name)?.id ?? added.get(name) ?? 0;
  return Object.fromEntries(names.map((name) => [name, idOf(name)])) as Record<Name, number>;
}

function append(text: string, lines: readonly string[]): string {
  if (lines.length === 0) return text;
  return `${text}${text.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`;
}

function refuse(message: string): KubeadmError {
  return new KubeadmError('refused', message, {
    hint: 'Remove or correct the entry, or turn the feature gate RootlessControlPlane off.',
  });
}
