import type { CriClient } from '../../clients/cri/cri-client.ts';
import { messageOf } from '../../errors.ts';
import type { ReadHost } from '../../host.ts';
import { redact } from '../../lib/redact.ts';
import type { Facts } from '../facts.ts';
import { runtimeService } from './runtime.ts';
import { unitEnvironment } from './unit-environment.ts';

const usualProgram = 'runc';
const timeoutMs = 3_000;

type RuntimeHost = Pick<ReadHost, 'exec' | 'files'>;

export interface LowLevelRuntimeQuestion {
  readonly criSocket: string;
  /** The name or the path in the configuration of the runtime. */
  readonly program: string;
}

export interface LowLevelRuntimeFault {
  /** The path, if it is known. */
  readonly program: string;
  /** What the program replies to `--version`, without secrets; undefined if the runtime does not find the program. */
  readonly reply?: string;
  /** The PATH in which the runtime does not find the program. */
  readonly missingIn?: string;
}

/** Asks the program that makes containers for its version. Undefined if it answers, or if it is not known. */
export async function gatherLowLevelRuntime(
  host: RuntimeHost,
  cri: Pick<CriClient, 'settings'>,
  criSocket: string,
): Promise<Facts['lowLevelRuntime']> {
  const configured = (await cri.settings().catch(() => undefined))?.lowLevelRuntime;
  const fault = await lowLevelRuntimeFault(host, { criSocket, program: configured ?? usualProgram });
  if (fault === undefined) return undefined;
  const { missingIn, program, reply } = fault;
  return { program, error: reply ?? `the program is not in the PATH of the runtime (${missingIn})` };
}

/**
 * Why the runtime cannot use the program; undefined if it can. A program that is missing here proves nothing if the PATH of
 * the runtime is not known.
 */
export async function lowLevelRuntimeFault(
  host: RuntimeHost,
  { criSocket, program }: LowLevelRuntimeQuestion,
): Promise<LowLevelRuntimeFault | undefined> {
  const path = program.includes('/') ? undefined : await pathOfRuntime(host, criSocket);
  const found = path === undefined ? await ownFind(host, program) : await findIn(host, program, path);
  if (found === undefined) return path === undefined ? undefined : { program, missingIn: path };
  const reply = await programFault(host, found);
  return reply === undefined ? undefined : { program: found, reply };
}

/**
 * The shim of containerd starts the program of the option BinaryName, or `runc`. It has the environment of containerd, so a
 * name without a slash is looked up in the PATH of that process. Source: containerd's pkg/shim/util.go Command, and
 * command_linux.go of containerd/go-runc.
 */
async function pathOfRuntime(host: RuntimeHost, criSocket: string): Promise<string | undefined> {
  const service = runtimeService(criSocket);
  return service === undefined ? undefined : (await unitEnvironment(host, service, ['PATH']))?.PATH;
}

/** A path is asked as it is, so that a missing file is a fault. */
async function ownFind({ exec }: RuntimeHost, program: string): Promise<string | undefined> {
  return program.includes('/') || (await exec.find(program)) !== undefined ? program : undefined;
}

async function findIn({ files }: RuntimeHost, program: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(':')) {
    // As in Go, a program in a relative folder is not started.
    if (!folder.startsWith('/')) continue;
    const file = `${folder.replace(/\/+$/, '')}/${program}`;
    const stat = await files.stat(file).catch(() => undefined);
    if (stat?.kind === 'file' && (stat.mode & 0o111) !== 0) return file;
  }
  return undefined;
}

async function programFault({ exec }: Pick<ReadHost, 'exec'>, program: string): Promise<string | undefined> {
  try {
    const { code, stderr, stdout } = await exec.probe(program, ['--version'], { timeoutMs });
    if (code === 0) return undefined;
    const last = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
    return redact(`exit code ${code}${last === '' ? '' : `: ${last}`}`);
  } catch (error) {
    return redact(messageOf(error));
  }
}
