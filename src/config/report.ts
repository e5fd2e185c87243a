/** Adds places to findings, and reports them: warnings immediately, and errors in one message that ends the run. */
import { KubeadmError } from '../errors.ts';
import { defined } from '../lib/defined.ts';
import { parsePath } from '../lib/field-path.ts';
import { isRecord } from '../lib/is-record.ts';
import { type ConfigWarning, describeFinding, type Finding } from './findings/finding.ts';
import type { ConfigDocument } from './reading/documents.ts';

/** The maximum number of findings in one message. `details.findings` has all of them. */
const mostLines = 100;

export type Warn = (finding: ConfigWarning) => void;

/** Adds file, document and line to a finding. */
export type Locate = <T extends Finding>(finding: T) => T;

/**
 * Returns a function that adds file, document and line to a finding with a path. A finding about a default gets no line,
 * because the document does not have the field.
 */
export function locateIn(
  documents: readonly (readonly [ConfigDocument | undefined, readonly string[] | undefined])[],
): Locate {
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

/**
 * Runs a step, and adds the place to its error if that is about a field that the file can have.
 *
 * @throws the errors of the step
 */
export async function located<T>(locate: Locate, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof KubeadmError) || error.place?.path === undefined) throw error;
    const { place } = locate({ severity: 'error', message: error.message, place: error.place });
    if (place.file === undefined || place.file === error.place.file) throw error;
    const { code, details, hint } = error;
    const message = describeFinding({ severity: 'error', message: error.message, place });
    throw new KubeadmError(code, message, { cause: error, details, place, ...defined({ hint }) });
  }
}

/** Collects warnings for the result. It also reports each one immediately, so that a later error does not hide it. */
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

/** Reports warnings, and throws one error with all errors in the order of the file. */
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

/** Compares the places of findings. Findings without a document, or without a line, come last. */
function byPlace({ place: a }: Finding, { place: b }: Finding): number {
  const [documentA = Number.MAX_SAFE_INTEGER, documentB = Number.MAX_SAFE_INTEGER] = [a.document, b.document];
  const [lineA = Number.MAX_SAFE_INTEGER, lineB = Number.MAX_SAFE_INTEGER] = [a.line, b.line];
  return documentA - documentB || lineA - lineB;
}
