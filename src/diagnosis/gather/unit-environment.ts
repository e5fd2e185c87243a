import type { ReadHost } from '../../host.ts';
import { unitProperties } from './systemd.ts';

/**
 * The named variables in the environment of the process that a unit runs. The values of other variables, which may be
 * secret, are dropped. Undefined if the unit does not run or its environment cannot be read.
 */
export async function unitEnvironment(
  host: Pick<ReadHost, 'exec' | 'files'>,
  unit: string,
  names: readonly string[],
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const pid = (await unitProperties(host, unit, ['MainPID']))?.('MainPID') ?? '';
    if (!/^[1-9]\d*$/.test(pid)) return undefined;
    const entries = (await host.files.readText(`/proc/${pid}/environ`)).split('\0').flatMap((line) => {
      const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(line) ?? [];
      return names.includes(name) ? [[name, value] as const] : [];
    });
    return Object.fromEntries(entries);
  } catch {
    return undefined;
  }
}
