/** What a preflight check is: a value with the name that users ignore it by, and a question to the machine. */
import type { CriClient } from '../clients/cri/cri-client.ts';
import type { ReadHost } from '../host.ts';

/** Texts without the `[WARNING Name]: ` in front; renderers add it. */
export interface CheckResult {
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

/** The calls of the container runtime that change nothing. */
export type CriReads = Pick<
  CriClient,
  'version' | 'conditions' | 'sandboxImage' | 'cgroupDriver' | 'hasImage' | 'containers' | 'close'
>;

/** All of the world that a check can see: reads only, so that no check can change the machine. */
export interface CheckHost extends ReadHost {
  readonly cri: (endpoint: string) => CriReads;
}

/** One named check. `check` never throws: what it cannot find out is an error or a warning of its own. */
export interface Check {
  /** As upstream spells it, and as `--ignore-preflight-errors` names it (there in any case). */
  readonly name: string;
  readonly check: (host: CheckHost) => Promise<CheckResult>;
}

export const passed: CheckResult = { warnings: [], errors: [] };

export const warn = (...warnings: readonly string[]): CheckResult => ({ warnings, errors: [] });

export const fail = (...errors: readonly string[]): CheckResult => ({ warnings: [], errors });

/** `FileAvailable` and `/etc/x` make `FileAvailable--etc-x`: every slash becomes a dash. */
export function nameWithPath(prefix: string, path: string): string {
  return `${prefix}-${path.replaceAll('/', '-')}`;
}
