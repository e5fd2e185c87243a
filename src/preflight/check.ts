/** A preflight check is a value with the name that users ignore it by, and a question to the machine. */
import type { CriClient } from '../clients/cri/cri-client.ts';
import type { ReadHost } from '../host.ts';

/** The texts have no `[WARNING Name]: `. Renderers add it. */
export interface CheckResult {
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

/** The calls of the container runtime that change nothing. */
export type CriReads = Pick<
  CriClient,
  | 'version'
  | 'conditions'
  | 'sandboxImage'
  | 'settings'
  | 'cgroupDriver'
  | 'hasImage'
  | 'containers'
  | 'close'
>;

/** All of the world that a check can see. It has reads only, so that no check can change the machine. */
export interface CheckHost extends ReadHost {
  readonly cri: (endpoint: string) => CriReads;
}

/** One named check. `check` never throws. If it cannot find a fact, it returns an error or a warning. */
export interface Check {
  /** The name in upstream's spelling. `--ignore-preflight-errors` accepts it in any case. */
  readonly name: string;
  readonly check: (host: CheckHost) => Promise<CheckResult>;
}

export const passed: CheckResult = { warnings: [], errors: [] };

export const warn = (...warnings: readonly string[]): CheckResult => ({ warnings, errors: [] });

export const fail = (...errors: readonly string[]): CheckResult => ({ warnings: [], errors });

/** Turns `FileAvailable` and `/etc/x` into `FileAvailable--etc-x`. Every slash becomes a dash. */
export function nameWithPath(prefix: string, path: string): string {
  return `${prefix}-${path.replaceAll('/', '-')}`;
}
