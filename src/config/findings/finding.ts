import type { Place } from '../../errors.ts';

/** Something about a configuration that the user should know, or must mend. */
export interface Finding {
  readonly severity: 'warning' | 'error';
  readonly message: string;
  readonly place: Place;
  readonly hint?: string;
}

/** `kubeadm.yaml: document 2, line 7, networking.podSubnet: message; hint` */
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
