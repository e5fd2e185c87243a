import type { Emit } from '../../events.ts';
import { describeFinding, type Finding } from './finding.ts';

/** Says what a configuration's reader warns of, at once: an error that follows must not hide it. */
export function warnTo(emit: Emit): (finding: Finding) => void {
  return (finding) => emit({ type: 'warning', code: 'config', message: describeFinding(finding) });
}
