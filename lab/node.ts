/** A running node, with its programs, files and logs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { NodeAddresses } from './network.ts';
import { isAlive, type ProcessIdentity } from './process.ts';
import { fixedPath, LabError, mustRun, type RunOptions, type RunResult, run } from './run.ts';
import { type NodeRecord, nodeFolder, readProcess } from './state.ts';

export interface LabNode {
  readonly name: string;
  /** A `host` is a bare machine in the lab's network, without systemd, containerd and kubelet. */
  readonly kind: 'node' | 'host';
  readonly addresses: NodeAddresses;
  /** False after a power cut. */
  readonly isRunning: () => Promise<boolean>;
  /** The path of the node's root on this machine, for reading while the node runs. Absolute links do not work there. */
  readonly root: () => Promise<string>;
  /** Runs a program in the node as root and returns its exit code. @throws LabError after the deadline */
  readonly exec: (argv: readonly string[], options?: RunOptions) => Promise<RunResult>;
  /** Returns the standard output of a program that must succeed. @throws LabError with its output */
  readonly mustExec: (argv: readonly string[], options?: RunOptions) => Promise<string>;
  /**
   * Starts a program of this machine in the network of the node. It is a process of this machine with its files, and it
   * ends neither with the node nor with the lab. Its standard streams are pipes.
   */
  readonly spawnInNetwork: (argv: readonly string[]) => Promise<ChildProcess>;
  /** Runs a program on the caller's terminal and returns its exit code. */
  readonly attach: (argv: readonly string[]) => Promise<number>;
  /** Copies a file or folder of this machine to a path in the node. An existing file is replaced. */
  readonly copyIn: (source: string, target: string) => Promise<void>;
  readonly copyOut: (source: string, target: string) => Promise<void>;
  /** Writes a file atomically: beside its place, and then moved. Makes missing folders. The mode defaults to 0644. */
  readonly writeFile: (path: string, data: string | Uint8Array, mode?: number) => Promise<void>;
  readonly readFile: (path: string) => Promise<string>;
  /** The journal of one unit or of all. For a bare host, the output of its boot. */
  readonly logs: (options?: { readonly unit?: string; readonly lines?: number }) => Promise<string>;
}

export function nodeHandle(stateRoot: string, id: string, record: NodeRecord): LabNode {
  const folder = nodeFolder(stateRoot, id, record.name);
  const running = async (): Promise<ProcessIdentity | undefined> => {
    const first = await readProcess(folder);
    return first !== undefined && (await isAlive(first)) ? first : undefined;
  };
  const pid = async (): Promise<string> => {
    const first = await running();
    if (first === undefined) throw new LabError(`${id}/${record.name} is not running`);
    return String(first.pid);
  };
  const enter = async (argv: readonly string[]): Promise<readonly string[]> => [
    ...['nsenter', '-t', await pid(), '-m', '-u', '-i', '-n', '-p', '-C', '--'],
    ...argv,
  ];
  const exec = async (argv: readonly string[], options?: RunOptions): Promise<RunResult> =>
    run(await enter(argv), options);
  const mustExec = async (argv: readonly string[], options?: RunOptions): Promise<string> =>
    mustRun(await enter(argv), options);
  return {
    name: record.name,
    kind: record.kind,
    addresses: record.addresses,
    isRunning: async () => (await running()) !== undefined,
    root: async () => `/proc/${await pid()}/root`,
    exec,
    mustExec,
    spawnInNetwork: async (argv) =>
      spawn('nsenter', ['--net', '--target', await pid(), '--', ...argv], { stdio: 'pipe', cwd: '/' }),
    attach: async (argv) => attach(await enter(argv)),
    copyIn: async (source, target) => {
      await pipe(
        ['tar', '-C', dirname(source), '-ch', basename(source)],
        await enter([
          'sh',
          '-c',
          // The file is unpacked beside its place and moved, so that a running program can be replaced.
          'set -e; mkdir -p "$(dirname "$1")"; t=$(mktemp -d "$(dirname "$1")/.copy.XXXXXX"); tar -C "$t" -x; ' +
            'if [ -d "$t/$2" ] && [ -d "$1" ]; then cp -a "$t/$2/." "$1/"; else mv -Tf "$t/$2" "$1"; fi; rm -rf "$t"',
          'copy',
          target,
          basename(source),
        ]),
      );
    },
    copyOut: async (source, target) => {
      const name = basename(target);
      await pipe(await enter(['tar', '-C', dirname(source), '-ch', basename(source)]), [
        'tar',
        '-C',
        dirname(target),
        '-x',
        `--transform=s,^${escapeSed(basename(source))},${name.replace(/[\\,&]/g, '\\$&')},`,
      ]);
    },
    writeFile: async (path, data, mode = 0o644) => {
      const write =
        'set -e; umask 077; d=$(dirname "$1"); mkdir -p -m 0755 "$d"; t=$(mktemp "$d/.write.XXXXXX"); ' +
        'cat > "$t"; chmod "$2" "$t"; mv -f "$t" "$1"';
      await mustExec(['sh', '-c', write, 'write', path, mode.toString(8)], { input: data });
    },
    readFile: (path) => mustExec(['cat', path]),
    logs: async ({ unit, lines } = {}) => {
      if (record.kind === 'host') return readFile(join(folder, 'boot.log'), 'utf8');
      const selected = [...(unit === undefined ? [] : ['-u', unit]), ...(lines ? ['-n', String(lines)] : [])];
      return mustExec(['journalctl', '--no-pager', '-q', ...selected]);
    },
  };
}

function attach(argv: readonly string[]): Promise<number> {
  const [program = '', ...args] = argv;
  const env = { PATH: fixedPath, HOME: '/root', LANG: 'C.UTF-8', TERM: process.env.TERM ?? 'dumb' };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', cwd: '/', env });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 137));
  });
}

/** Sends the output of one program to another. @throws LabError if one of them fails */
function pipe(from: readonly string[], to: readonly string[]): Promise<void> {
  const env = { PATH: fixedPath, LANG: 'C.UTF-8' };
  const [source = '', ...sourceArgs] = from;
  const [sink = '', ...sinkArgs] = to;
  return new Promise((resolve, reject) => {
    const writer = spawn(source, sourceArgs, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
    const reader = spawn(sink, sinkArgs, { cwd: '/', env, stdio: [writer.stdout, 'ignore', 'pipe'] });
    writer.stdout.destroy();
    let said = '';
    let open = 2;
    let failed = false;
    for (const child of [writer, reader]) {
      child.stderr.on('data', (data: Buffer) => {
        said += data.toString();
      });
      child.on('error', reject);
      child.on('close', (code) => {
        failed ||= code !== 0;
        open -= 1;
        if (open > 0) return;
        if (failed) reject(new LabError(`copy: ${said.trim()}`));
        else resolve();
      });
    }
  });
}

function escapeSed(text: string): string {
  return text.replace(/[.*[\]^$,\\&]/g, '\\$&');
}
