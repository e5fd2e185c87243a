import type { ReadHost } from '../../host.ts';

const timeoutMs = 3_000;
const lastLines = 500;

/** Lines of the kernel about processes that it killed because memory ran out in the last half hour, oldest first. */
export async function gatherMemoryKills({ exec }: Pick<ReadHost, 'exec'>): Promise<readonly string[]> {
  const args = ['--dmesg', '--quiet', '--no-pager', '--output=cat', '--since=-30min', `--lines=${lastLines}`];
  const { stdout } = await exec.probe('journalctl', args, { timeoutMs }).catch(() => ({ stdout: '' }));
  return stdout.split('\n').filter((line) => /out of memory: Killed process \d+/i.test(line));
}
