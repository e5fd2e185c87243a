/** Rules about the machine itself, on which everything else depends. */
import type { Facts, FileSystemFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { healthOf } from './health.ts';

/** With less, not even a log line or a lease can be written reliably. */
const leastBytes = 1024 * 1024;

/** Directories that the control plane and the kubelet cannot run without. */
const needed = /^\/var\/lib\/(?:kubelet|etcd|containerd)/;

/** A full disk does not end a wait while everything runs. */
function allRun({ components }: Facts): boolean {
  return (
    components !== undefined && components.length > 0 && components.every(({ state }) => state === 'running')
  );
}

/** A component hangs as soon as its messages cannot be written. */
const logs = '/var/log/pods';
/** A healthy component needs less. */
const patienceMs = 15_000;

function hangs({ components = [], machine }: Facts): boolean {
  return components.some(
    ({ name, runsForMs = 0 }) => runsForMs >= patienceMs && healthOf({ machine }, name)?.isHealthy === false,
  );
}

function certainty(facts: Facts, { path }: FileSystemFacts): Finding['certainty'] {
  return needed.test(path) && !allRun(facts) ? 'certain' : 'likely';
}

/** One finding for each file system, for the first of its directories. */
function perFileSystem(
  facts: Facts,
  isFaulty: (one: FileSystemFacts) => boolean,
  finding: (one: FileSystemFacts, paths: string) => Finding,
): readonly Finding[] {
  const faulty = (facts.machine?.fileSystems ?? []).filter(isFaulty);
  const mountPoints = [...new Set(faulty.map(({ mountPoint }) => mountPoint))];
  return mountPoints.flatMap((mountPoint) => {
    const own = faulty.filter((one) => one.mountPoint === mountPoint);
    const first = own.find(({ path }) => needed.test(path) || path === logs) ?? own[0];
    return first === undefined ? [] : [finding(first, own.map(({ path }) => path).join(', '))];
  });
}

export const diskFull: Rule = {
  name: 'disk-full',
  title: 'A file system is full',
  proof: 'Less than 1 MiB, or no inode, is free on the file system of a directory that the node needs.',
  cure: 'Delete files, or make the file system larger.',
  find: (facts) =>
    perFileSystem(
      facts,
      ({ freeBytes, freeInodes }) => (freeBytes ?? leastBytes) < leastBytes || freeInodes === 0,
      (one, paths) => {
        const isBytes = (one.freeBytes ?? leastBytes) < leastBytes;
        const what = isBytes ? `${one.freeBytes} bytes` : 'no inodes';
        return {
          code: 'file',
          component: one.path,
          certainty: paths.includes(logs) && hangs(facts) ? 'certain' : certainty(facts, one),
          summary: `the disk is full: the file system ${one.mountPoint} of ${paths} has ${what} free (no space left on device)`,
          evidence: [],
          remedy: {
            kind: 'steps',
            text: isBytes
              ? `Free space on ${one.mountPoint}, or make the file system larger`
              : `Delete files on ${one.mountPoint}, which has no inodes left, or make the file system with more inodes`,
            commands: [isBytes ? `df -h ${one.mountPoint}` : `df -i ${one.mountPoint}`],
          },
        };
      },
    ),
};

export const readOnlyFileSystem: Rule = {
  name: 'read-only-file-system',
  title: 'A file system is mounted read-only',
  proof: 'The mount of a directory that the node writes to has the option ro.',
  cure: 'Mount it with rw. After an error of the disk, check the file system first.',
  find: (facts) =>
    perFileSystem(
      facts,
      ({ readOnly }) => readOnly,
      (one, paths) => ({
        code: 'file',
        component: one.path,
        certainty: certainty(facts, one),
        summary: `the file system ${one.mountPoint} of ${paths} is mounted read-only, so the node cannot write there`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: `Mount ${one.mountPoint} with rw (after an error of the disk, check the file system first: \`dmesg\`)`,
          commands: [`mount -o remount,rw ${one.mountPoint}`],
        },
      }),
    ),
};

export const loopbackDown: Rule = {
  name: 'loopback-down',
  title: 'The loopback interface is down',
  proof: 'The interface lo is down, or has no address of 127.0.0.0/8 or ::1.',
  cure: 'Bring the interface up.',
  find: ({ machine }) => {
    const loopback = machine?.loopback;
    if (loopback === undefined || (loopback.up && loopback.hasAddress)) return [];
    return [
      {
        code: 'net',
        component: 'loopback',
        certainty: 'certain',
        summary: `the loopback interface lo ${loopback.up ? 'has no address' : 'is down'}, so the components cannot reach each other at 127.0.0.1`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Bring the loopback interface up with `ip link set lo up`',
          commands: ['ip link set lo up'],
        },
      },
    ];
  },
};
