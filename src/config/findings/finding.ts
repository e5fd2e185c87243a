import type { Place } from '../../errors.ts';
import type { WarningCode } from '../../warnings.ts';

/** A warning about a configuration, or an error that the user must correct. */
export type Finding = ConfigError | ConfigWarning;

export interface ConfigError extends Described {
  readonly severity: 'error';
}

export interface ConfigWarning extends Described {
  readonly severity: 'warning';
  readonly code: WarningCode;
}

interface Described {
  readonly message: string;
  readonly place: Place;
  readonly hint?: string;
}

/** Returns a line such as `kubeadm.yaml: document 2, line 7, networking.podSubnet: message; hint`. */
export function describeFinding({ message, place, hint }: Finding): string {
  const where = [
    place.document === undefined ? undefined : `document ${place.document}`,
    place.line === undefined ? undefined : `line ${place.line}`,
    place.path === undefined || place.path === '' ? undefined : place.path,
  ].filter((part) => part !== undefined);
  const file = place.file === undefined ? '' : `${place.file}: `;
  const at = where.length === 0 ? '' : `${where.join(', ')}: `;
  return `${file}${at}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
