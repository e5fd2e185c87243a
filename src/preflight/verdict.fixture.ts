import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';
import type { Check, CheckResult } from './check.ts';

/** Runs a check on a machine in memory; `prepare` changes the machine first. */
export async function verdict(
  check: Check,
  options: MemoryHostOptions = {},
  prepare: (host: MemoryHost) => void = () => undefined,
): Promise<CheckResult> {
  const host = createMemoryHost(options);
  prepare(host);
  return check.check(host);
}

export const clean: CheckResult = { warnings: [], errors: [] };
