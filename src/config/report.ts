/** Findings on their way to the user: where they stand, and what ends the run. */
import { KubeadmError } from '../errors.ts';
import { parsePath } from '../lib/field-path.ts';
import { isRecord } from '../lib/is-record.ts';
import { type ConfigWarning, describeFinding, type Finding } from './findings/finding.ts';
import type { ConfigDocument } from './reading/documents.ts';

/** More lines in one message nobody reads; `details.findings` has them all. */
const mostLines = 100;

export type Warn = (finding: ConfigWarning) => void;

/**
 * Adds file, document and line to findings that know only their path. A finding on a default, which is not in the
 * document, gets no line.
 */
export function locateIn(
  documents: readonly (readonly [ConfigDocument | undefined, readonly string[] | undefined])[],
): <T extends Finding>(finding: T) => T {
  return (finding) => {
    const steps = parsePath(finding.place.path ?? '');
    const [document] =
      documents.find(([, fields]) => fields === undefined || fields.includes(String(steps[0] ?? ''))) ?? [];
    if (document === undefined) return finding;
    const isWritten = isRecord(document.value) && Object.hasOwn(document.value, steps[0] ?? '');
    const where = { file: document.file, document: document.index };
    const line = isWritten ? { line: document.lineOf(steps) } : {};
    return { ...finding, place: { ...finding.place, ...where, ...line } };
  };
}

/** Keeps warnings for the result, and passes each on at once: an error that follows must not hide them. */
export function collector(onWarning: Warn | undefined): {
  readonly warnings: readonly ConfigWarning[];
  readonly warn: Warn;
} {
  const warnings: ConfigWarning[] = [];
  const warn: Warn = (finding) => {
    warnings.push(finding);
    onWarning?.(finding);
  };
  return { warnings, warn };
}

/** Passes warnings on. Errors end the run, all of them in one message, in the order of the file. */
export function report(findings: readonly Finding[], warn: Warn, file: string | undefined): void {
  const inOrder = findings.toSorted(byPlace);
  const errors = inOrder.filter(({ severity }) => severity === 'error');
  for (const finding of inOrder) if (finding.severity === 'warning') warn(finding);
  if (errors.length === 0) return;
  const lines = [...new Set(errors.map((finding) => describeFinding(finding)))];
  const what = file ?? errors[0]?.place.file ?? 'the flags';
  const more = lines.length > mostLines ? [`and ${lines.length - mostLines} more`] : [];
  const message =
    lines.length === 1
      ? (lines[0] ?? '')
      : [`${lines.length} problems with ${what}:`, ...lines.slice(0, mostLines), ...more].join('\n  ');
  throw new KubeadmError('config-invalid', message, {
    details: { findings: errors },
    ...(errors[0] === undefined ? {} : { place: errors[0].place }),
  });
}

/** Findings without a document, or without a line in it, come after the others. */
function byPlace({ place: a }: Finding, { place: b }: Finding): number {
  const [documentA = Number.MAX_SAFE_INTEGER, documentB = Number.MAX_SAFE_INTEGER] = [a.document, b.document];
  const [lineA = Number.MAX_SAFE_INTEGER, lineB = Number.MAX_SAFE_INTEGER] = [a.line, b.line];
  return documentA - documentB || lineA - lineB;
}
