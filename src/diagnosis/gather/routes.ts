import type { ReadHost } from '../../host.ts';

const timeoutMs = 2_000;

/** Whether the kernel has a route to one of the addresses. Undefined if that is not known. */
export async function hasRoute(
  host: Pick<ReadHost, 'exec'>,
  addresses: readonly string[],
): Promise<boolean | undefined> {
  const found = await Promise.all(addresses.map(async (address) => await hasRouteTo(host, address)));
  if (found.includes(true)) return true;
  return found.length > 0 && found.every((one) => one === false) ? false : undefined;
}

/** The program `ip` repeats the words of the kernel. Some kernels answer with a route of the type unreachable. */
async function hasRouteTo({ exec }: Pick<ReadHost, 'exec'>, address: string): Promise<boolean | undefined> {
  const answer = await exec.probe('ip', ['route', 'get', address], { timeoutMs }).catch(() => undefined);
  if (answer === undefined) return undefined;
  const { code, stderr, stdout } = answer;
  if (/Network is unreachable|No route to host/.test(stderr) || stdout.startsWith('unreachable '))
    return false;
  return code === 0 ? true : undefined;
}
