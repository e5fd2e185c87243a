import type { CriClient } from '../../clients/cri/cri-client.ts';
import { messageOf } from '../../errors.ts';
import type { ReadHost } from '../../host.ts';
import { redact } from '../../lib/redact.ts';
import type { Facts } from '../facts.ts';

const usualProgram = 'runc';
const timeoutMs = 3_000;

/**
 * Asks the program that makes containers for its version. Undefined if it answers. It is also undefined if the runtime does
 * not name it and runc is not in the PATH.
 */
export async function gatherLowLevelRuntime(
  host: Pick<ReadHost, 'exec'>,
  cri: Pick<CriClient, 'settings'>,
): Promise<Facts['lowLevelRuntime']> {
  const configured = (await cri.settings().catch(() => undefined))?.lowLevelRuntime;
  if (configured === undefined && (await host.exec.find(usualProgram)) === undefined) return undefined;
  const program = configured ?? usualProgram;
  const error = await programFault(host, program);
  return error === undefined ? undefined : { program, error };
}

/** Why a program does not tell its version, without secrets; undefined if it does. */
export async function programFault(
  { exec }: Pick<ReadHost, 'exec'>,
  program: string,
): Promise<string | undefined> {
  try {
    const { code, stderr, stdout } = await exec.probe(program, ['--version'], { timeoutMs });
    if (code === 0) return undefined;
    const last = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
    return redact(`exit code ${code}${last === '' ? '' : `: ${last}`}`);
  } catch (error) {
    return redact(messageOf(error));
  }
}
