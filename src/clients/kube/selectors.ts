/** Label and field selectors over objects in memory. Source: apimachinery pkg/labels and pkg/fields. */
import { KubeadmError } from '../../errors.ts';
import type { KubeObject, Selection } from './kube-client.ts';

/** Whether an object is one of those that a list with these options returns. */
export function selects(options: Selection, object: KubeObject): boolean {
  if (options.namespace !== undefined && object.metadata.namespace !== options.namespace) return false;
  return (
    matchesLabels(options.labelSelector ?? '', object) && matchesFields(options.fieldSelector ?? '', object)
  );
}

/** `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, joined by commas. */
export function matchesLabels(selector: string, object: KubeObject): boolean {
  const labels = object.metadata.labels ?? {};
  return splitOutsideParentheses(selector).every((term) => {
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
    if (set !== null) {
      const [, key = '', operator, list = ''] = set;
      const value = labels[key];
      const listed = value !== undefined && list.split(',').some((item) => item.trim() === value);
      return operator === 'in' ? listed : !listed;
    }
    const comparison = compare(term, (key) => labels[key]);
    if (comparison !== undefined) return comparison;
    return term.startsWith('!') ? labels[term.slice(1).trim()] === undefined : labels[term] !== undefined;
  });
}

/** `metadata.name=x`, `spec.nodeName!=y`: any path of plain fields; a missing field counts as empty. */
export function matchesFields(selector: string, object: KubeObject): boolean {
  return splitOutsideParentheses(selector).every((term) => {
    const comparison = compare(term, (path) => String(fieldAt(object, path) ?? ''));
    if (comparison === undefined)
      throw new KubeadmError('internal', `field selector ${term} is not understood`);
    return comparison;
  });
}

function compare(term: string, fieldOf: (key: string) => string | undefined): boolean | undefined {
  const parts = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(term);
  if (parts === null) return undefined;
  const [, key = '', operator, wanted = ''] = parts;
  const equal = fieldOf(key) === wanted;
  return operator === '!=' ? !equal : equal;
}

function fieldAt(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, part) => (typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined),
      object,
    );
}

function splitOutsideParentheses(selector: string): readonly string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}
