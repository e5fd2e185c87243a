import { isAlias, isMap, isSeq, type Node, type ParsedNode } from 'yaml';

/** Below these numbers, nothing is refused. */
const [fewAliased, fewVisits] = [100, 1_000];
/** Up to the first number of visits nearly all may be in aliases, from the second one on a tenth. */
const [lowVisits, highVisits] = [400_000, 4_000_000];
const [lowRatio, highRatio] = [0.99, 0.1];

/**
 * Whether the values that aliases repeat are too large a share of the document. The rule is that of Go's parser
 * (`allowedAliasRatio` in go.yaml.in/yaml), so that the same documents are refused. It ends at the visit that is too much.
 */
export function expandsTooFar(contents: ParsedNode | null): boolean {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node | undefined>();
  let visits = 0;
  let aliased = 0;
  /** Returns whether the visits of the node and of those in it stay within the limits. */
  const visit = (node: unknown, depth: number): boolean => {
    visits += 1;
    if (depth > 0) aliased += 1;
    if (aliased > fewAliased && visits > fewVisits && aliased / visits > allowedRatio(visits)) return false;
    if (isAlias(node)) {
      if (!targets.has(node)) targets.set(node, anchors.get(node.source));
      const target = targets.get(node);
      return target === undefined || visit(target, depth + 1);
    }
    if (isMap(node)) {
      remember(node, depth);
      return node.items.every(({ key, value }) => visit(key, depth) && visit(value, depth));
    }
    remember(node, depth);
    return !isSeq(node) || node.items.every((item) => visit(item, depth));
  };
  const remember = (node: unknown, depth: number): void => {
    const named = node as Partial<ParsedNode> | null;
    if (depth === 0 && typeof named?.anchor === 'string') anchors.set(named.anchor, named as Node);
  };
  return !visit(contents, 0);
}

function allowedRatio(visits: number): number {
  if (visits <= lowVisits) return lowRatio;
  if (visits >= highVisits) return highRatio;
  return lowRatio - ((lowRatio - highRatio) * (visits - lowVisits)) / (highVisits - lowVisits);
}
