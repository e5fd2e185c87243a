import { messageOf } from '../../errors.ts';
import type { ReadHost } from '../../host.ts';
import { redact } from '../../lib/redact.ts';
import type { Facts } from '../facts.ts';

const program = 'runc';
const timeoutMs = 3_000;

/** Asks runc for its version. Undefined if it answers. It is also undefined if it is not in the PATH, because the runtime may use another program. */
export async function gatherLowLevelRuntime({
  exec,
}: Pick<ReadHost, 'exec'>): Promise<Facts['lowLevelRuntime']> {
  if ((await exec.find(program)) === undefined) return undefined;
  try {
    const { code, stderr, stdout } = await exec.probe(program, ['--version'], { timeoutMs });
    if (code === 0) return undefined;
    const last = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
    return { program, error: redact(`exit code ${code}${last === '' ? '' : `: ${last}`}`) };
  } catch (error) {
    return { program, error: redact(messageOf(error)) };
  }
}
