import type { Emit } from '../../events.ts';
import type { Warn } from '../report.ts';
import { describeFinding } from './finding.ts';

/** Emits the warnings of a configuration's reader immediately, so that a later error does not hide them. */
export function warnTo(emit: Emit): Warn {
  return (finding) => emit({ type: 'warning', code: finding.code, message: describeFinding(finding) });
}
