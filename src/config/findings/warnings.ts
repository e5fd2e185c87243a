import type { Emit } from '../../events.ts';
import type { Warn } from '../report.ts';
import { describeFinding } from './finding.ts';

/** Says what a configuration's reader warns of, at once: an error that follows must not hide it. */
export function warnTo(emit: Emit): Warn {
  return (finding) => emit({ type: 'warning', code: finding.code, message: describeFinding(finding) });
}
