import type { ReadHost } from '../../host.ts';
import type { Listener } from '../facts.ts';

const timeoutMs = 3_000;

/** The programs that listen on TCP ports of this machine. Undefined without the program ss. */
export async function gatherListeners({
  exec,
}: Pick<ReadHost, 'exec'>): Promise<readonly Listener[] | undefined> {
  const result = await exec.probe('ss', ['-Hltnp'], { timeoutMs }).catch(() => undefined);
  if (result === undefined || result.code !== 0) return undefined;
  return result.stdout.split('\n').flatMap((line) => {
    const local = line.trim().split(/\s+/)[3] ?? '';
    const [, address, port] = /^(.*):(\d+)$/.exec(local) ?? [];
    if (address === undefined || port === undefined) return [];
    const [, program, pid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
    return {
      address: address.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, ''),
      port: Number(port),
      ...(program === undefined ? {} : { program, pid: Number(pid) }),
    };
  });
}
