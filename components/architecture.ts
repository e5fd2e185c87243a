/** Kubernetes' name for this machine's processor. */
import { ComponentsError } from './errors.ts';

export type Architecture = 'amd64' | 'arm64';

/** @throws ComponentsError for other processors than the two that are supported. */
export function hostArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new ComponentsError(`no Kubernetes node can be built for ${process.arch}`, {
    hint: 'Use x64 or arm64.',
  });
}
