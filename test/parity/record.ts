/**
 * Runs a kubeadm with all cases inside a mount namespace of its own, and records the files of each case with their modes.
 * Certificates are recorded as data, and keys are not recorded. It is a program:
 * `record.ts KUBEADM CASES.json RESULT.json`.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describeCertificate } from '../support/certificate.ts';

export interface Case {
  readonly name: string;
  /** The text of the configuration file. */
  readonly config: string;
  /** The arguments of each command. `{config}` means the path of the configuration file. */
  readonly commands: readonly (readonly string[])[];
  /** Files that are written before the commands run. */
  readonly files?: Readonly<Record<string, string | Base64>>;
  /** The working directory of the commands. */
  readonly directory?: string;
}

/** The bytes of a file that is not text. */
export interface Base64 {
  readonly base64: string;
}

export interface Recorded {
  readonly name: string;
  readonly runs: readonly {
    readonly args: readonly string[];
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }[];
  /** The mode and the content of each file, by path. Certificates and keys are replaced by descriptions. */
  readonly files: Readonly<Record<string, { readonly mode: string; readonly content?: string }>>;
}

const folders = ['/etc/kubernetes', '/etc/kubeadm', '/var/lib/kubelet', '/var/lib/etcd'];

/** Replaces certificates and keys in a text by descriptions, and removes random values. */
export function describe(text: string): string {
  const pem = (block: string): string => {
    const kind = /-----BEGIN ([A-Z ]+)-----/.exec(block)?.[1] ?? '';
    return kind === 'CERTIFICATE' ? describeOrKeep(block) : `<${kind}>`;
  };
  return text
    .replace(/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----\n?/g, pem)
    .replace(
      /((?:certificate-authority|client-certificate|client-key)-data: )([A-Za-z0-9+/=]+)/g,
      (_, key: string, data: string) => key + pem(Buffer.from(data, 'base64').toString()),
    );
}

/** A certificate that cannot be read is an input, and stays as it is. */
function describeOrKeep(block: string): string {
  try {
    return `<${describeCertificate(block)}>`;
  } catch {
    return block;
  }
}

function walk(folder: string, into: Record<string, { mode: string; content?: string }>): void {
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name);
    const stat = lstatSync(file);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isDirectory()) {
      into[`${file}/`] = { mode };
      walk(file, into);
    } else into[file] = { mode, content: describe(readFileSync(file, 'utf8')) };
  }
}

function record(program: string, one: Case, scratch: string): Recorded {
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  }
  for (const [file, content] of Object.entries(one.files ?? {})) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'));
  }
  const config = path.join(scratch, 'config.yaml');
  writeFileSync(config, one.config);
  const runs = one.commands.map((command) => {
    const args = command.map((word) => word.replace('{config}', config));
    const { status, stdout, stderr } = spawnSync(program, args, {
      encoding: 'utf8',
      timeout: 120_000,
      maxBuffer: 1 << 26,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
      ...(one.directory === undefined ? {} : { cwd: one.directory }),
    });
    return { args: command, code: status ?? 255, stdout: describe(stdout), stderr };
  });
  const files: Record<string, { mode: string; content?: string }> = {};
  for (const folder of folders) walk(folder, files);
  return { name: one.name, runs, files };
}

/** Puts a layer in memory over /etc and /var/lib, so that the machine does not change. */
export const enterScript = `set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
for d in /etc /var/lib; do
  u="$1/upper$d" w="$1/work$d"
  mkdir -p "$u" "$w"
  mount -t overlay overlay -o "lowerdir=$d,upperdir=$u,workdir=$w" "$d"
done
mkdir "$1/scratch"
shift
exec "$@"`;

/**
 * As `enterScript`, and nothing else on the machine can be written either. Commands find no service, no container runtime
 * and no network, so that a random command line harms nothing.
 */
export const enterAloneScript = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /run
shift
${enterScript}`;

if (import.meta.main) {
  const [program = '', casesFile = '', resultFile = '', scratch = ''] = process.argv.slice(2);
  const cases = JSON.parse(readFileSync(casesFile, 'utf8')) as Case[];
  writeFileSync(
    resultFile,
    JSON.stringify(
      cases.map((one) => record(program, one, scratch)),
      undefined,
      1,
    ),
  );
}
