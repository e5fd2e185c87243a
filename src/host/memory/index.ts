/**
 * A machine in memory: every part of a `Host` over plain data that tests create, change and read.
 *
 * ```ts
 * const host = createMemoryHost({ files: { '/etc/fstab': '' }, programs: { swapon: { stdout: '' } } });
 * host.api.reachable = false;
 * host.units.set('kubelet', { enabled: true, active: false, onStart: () => { host.api.reachable = true; } });
 * host.gate.crashAfter(7);
 * ```
 */
import type { Host, InitSystem, SystemReads } from '../../host.ts';
import { createMemoryApi, type MemoryApi } from './api-server.ts';
import { createMemoryClock, type MemoryClock } from './clock.ts';
import { createMemoryEtcd, type MemoryEtcd } from './etcd.ts';
import { createMemoryFiles, type MemoryFiles } from './files.ts';
import { createWriteGate, type WriteGate } from './gate.ts';
import type { FileSpec } from './initial-files.ts';
import { createMemoryKeys } from './keys.ts';
import { createMemoryNet, type HttpAnswer, type MemoryNet } from './net.ts';
import {
  createMemoryPrograms,
  createMemoryPrompt,
  createMemoryServices,
  type MemoryPrograms,
  type MemoryService,
  type Program,
} from './programs.ts';
import { createMemoryRandom } from './random.ts';
import { createMemoryRuntime, type MemoryRuntime } from './runtime.ts';

export { Crash } from './gate.ts';

export interface MemoryHostOptions {
  readonly files?: Readonly<Record<string, FileSpec>>;
  readonly programs?: Readonly<Record<string, Program>>;
  readonly services?: Readonly<Record<string, Partial<MemoryService>>>;
  /** Defaults to systemd; `none` means that the machine has neither. */
  readonly initSystem?: InitSystem | 'none';
  readonly hostname?: string;
  readonly http?: Readonly<Record<string, HttpAnswer>>;
  readonly names?: Readonly<Record<string, readonly string[]>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
  readonly cpus?: number;
  /** Bytes; null means that the size is unknown. */
  readonly totalMemory?: number | null;
  readonly kernel?: { readonly name: string; readonly release: string };
  /** Defaults to 2026-01-02T03:04:05Z. */
  readonly now?: Date;
  /** `instant` (default): sleeping advances the time at once. `manual`: only `time.advance` does. */
  readonly time?: 'instant' | 'manual';
  readonly seed?: number;
  /** The lines that the user types. */
  readonly answers?: readonly string[];
}

/** A `Host` with the state that tests create and read. */
export interface MemoryHost extends Host {
  readonly disk: MemoryFiles;
  /** All files with mode, owner and content; directories end with `/`. */
  readonly snapshot: MemoryFiles['snapshot'];
  readonly gate: WriteGate;
  readonly machine: MemoryNet;
  readonly programs: MemoryPrograms;
  readonly units: Map<string, MemoryService>;
  readonly time: MemoryClock;
  readonly api: MemoryApi;
  readonly runtime: MemoryRuntime;
  readonly etcdCluster: MemoryEtcd;
  readonly asked: readonly string[];
}

const directories = [
  '/etc',
  '/var/lib',
  '/var/log',
  '/run',
  '/tmp',
  '/opt',
  '/root',
  '/usr/bin',
  '/proc',
  '/sys',
];

/** A healthy, empty machine: root, 2 CPUs, 4 GiB, systemd, and a kubelet service that is stopped. */
export function createMemoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const gate = createWriteGate();
  const start = options.now ?? new Date('2026-01-02T03:04:05Z');
  const time = createMemoryClock(start, options.time !== 'manual', gate);
  const disk = createMemoryFiles(gate, time.port.now);
  disk.put(Object.fromEntries(directories.map((path) => [path, { directory: true }])));
  disk.put({ '/tmp': { directory: true, mode: 0o1777 }, ...options.files });
  const programs = createMemoryPrograms(gate);
  for (const [name, program] of Object.entries(options.programs ?? {})) programs.programs.set(name, program);
  const initSystem = options.initSystem ?? 'systemd';
  const services = createMemoryServices(gate, initSystem === 'none' ? undefined : initSystem);
  services.services.set('kubelet', { enabled: true, active: false });
  for (const [name, service] of Object.entries(options.services ?? {})) {
    services.services.set(name, { enabled: true, active: false, ...service });
  }
  const etcdCluster = createMemoryEtcd(gate);
  const net = createMemoryNet(gate, etcdCluster.accepts);
  net.hostname = options.hostname ?? net.hostname;
  for (const [url, answer] of Object.entries(options.http ?? {})) net.answers.set(url, answer);
  for (const [name, addresses] of Object.entries(options.names ?? {})) net.names.set(name, addresses);
  const api = createMemoryApi(gate, time.port.now);
  const runtime = createMemoryRuntime(gate);
  const prompt = createMemoryPrompt(options.answers ?? []);
  return {
    files: disk.port,
    exec: programs.port,
    services: services.port,
    net: net.port,
    system: systemReads(options),
    mounts: disk.mounts,
    clock: time.port,
    random: createMemoryRandom(options.seed ?? 1),
    keys: createMemoryKeys(),
    prompt,
    kube: api.connect,
    etcd: etcdCluster.connect,
    cri: runtime.connect,
    disk,
    snapshot: disk.snapshot,
    gate,
    machine: net,
    programs,
    units: services.services,
    time,
    api,
    runtime,
    etcdCluster,
    asked: prompt.asked,
  };
}

function systemReads(options: MemoryHostOptions): SystemReads {
  const memory = options.totalMemory === null ? undefined : (options.totalMemory ?? 4 * 1024 ** 3);
  return {
    uid: () => options.uid ?? 0,
    cpus: () => options.cpus ?? 2,
    totalMemory: () => memory,
    kernel: () => options.kernel ?? { name: 'Linux', release: '6.1.0' },
    environment: () => options.environment ?? {},
  };
}
