/** The order of merged lists in strategic merge patches. Source: apimachinery/pkg/util/strategicpatch/patch.go. */
import { get, isObject } from '../lib/json-value.ts';

/** The identity of a list element: the value of its merge key, or the element itself. */
export type Identify = (element: unknown) => unknown;

export function identifyBy(mergeKey: string | undefined): Identify {
  if (mergeKey === undefined) return (element) => element;
  return (element) => (isObject(element) ? get(element, mergeKey) : undefined);
}

export interface Orders {
  /** The order that the patch asks for. */
  readonly patch: readonly unknown[];
  /** The order of the list before it was patched. */
  readonly original: readonly unknown[];
}

/**
 * Elements that the patch names come in its order, and the others in the order that they had. If neither
 * order compares two elements, the patch's element comes first.
 */
export function orderElements(merged: readonly unknown[], orders: Orders, identify: Identify): unknown[] {
  const named = new Set(orders.patch.map(identify));
  const inPatch = sortBy(
    merged.filter((element) => named.has(identify(element))),
    orders.patch,
    identify,
  );
  const others = sortBy(
    merged.filter((element) => !named.has(identify(element))),
    orders.original,
    identify,
  );
  const before = positions(orders.original, identify);
  return interleave(others, inPatch, (element) => before.get(identify(element)));
}

function interleave(
  others: readonly unknown[],
  inPatch: readonly unknown[],
  positionOf: (element: unknown) => number | undefined,
): unknown[] {
  const result: unknown[] = [];
  let left = 0;
  let right = 0;
  while (left < others.length && right < inPatch.length) {
    const leftAt = positionOf(others[left]);
    const rightAt = positionOf(inPatch[right]);
    const takeLeft = leftAt !== undefined && rightAt !== undefined && leftAt < rightAt;
    result.push(takeLeft ? others[left++] : inPatch[right++]);
  }
  return [...result, ...others.slice(left), ...inPatch.slice(right)];
}

/** Sorts stably. Elements that the order does not name come after the others, in their old order. */
function sortBy(elements: readonly unknown[], order: readonly unknown[], identify: Identify): unknown[] {
  const at = positions(order, identify);
  const place = (element: unknown) => at.get(identify(element)) ?? order.length;
  return elements.toSorted((a, b) => place(a) - place(b));
}

function positions(order: readonly unknown[], identify: Identify): ReadonlyMap<unknown, number> {
  const at = new Map<unknown, number>();
  order.forEach((element, index) => {
    if (!at.has(identify(element))) at.set(identify(element), index);
  });
  return at;
}
