import type { Leftover, LeftoverKind, ResetSearch } from '../../events/reset.ts';
import type { KubeadmEvent } from '../../events.ts';
import { kindTexts } from '../../leftovers/kind-texts.ts';

type Of<Type extends KubeadmEvent['type']> = Extract<KubeadmEvent, { type: Type }>;

/** More things than this of one kind are counted, not named. JSON events name all. */
const shownOfKind = 20;

/** `reset --all` lists what it will remove before it asks. */
export function foundText({ found, kept }: Of<'leftovers-found'>): string {
  return lines([
    found.length === 0
      ? 'With --all, nothing is found that reset would remove in addition:'
      : 'With --all, reset also removes:',
    ...listText(found),
    ...keptText(kept),
  ]);
}

export function removedText({ leftovers }: Of<'leftovers-removed'>): string {
  const [first] = leftovers;
  const names = leftovers.map(({ name }) => name);
  return `[reset] Removed ${first === undefined ? 'nothing' : kindTexts[first.kind]}: ${shortened(names).join(', ')}`;
}

export function proofText({ proof: { clean, kept, searches } }: Of<'reset-proof'>): string {
  return lines([
    clean
      ? 'Nothing of the cluster is left on this machine. Reset has looked for:'
      : 'Something of the cluster is left on this machine. Reset has looked for:',
    ...searches.flatMap(searchText),
    ...keptText(kept),
  ]);
}

function searchText({ left, lookedFor, outcome, reason }: ResetSearch): readonly string[] {
  const result = { absent: 'absent', left: 'LEFT', 'not-searched': 'not looked for', failed: 'FAILED' }[
    outcome
  ];
  return [`  ${lookedFor}: ${result}${reason === undefined ? '' : ` (${reason})`}`, ...byReason(left)];
}

function keptText(kept: readonly Leftover[]): readonly string[] {
  return kept.length === 0 ? [] : ['These things stay:', ...listText(kept)];
}

function listText(leftovers: readonly Leftover[]): readonly string[] {
  const kinds = [...new Set<LeftoverKind>(leftovers.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    return [`  ${kindTexts[kind]}:`, ...byReason(leftovers.filter((one) => one.kind === kind))];
  });
}

/** Things with the same reason share a line. */
function byReason(leftovers: readonly Leftover[]): readonly string[] {
  const reasons = [...new Set(leftovers.map(({ reason }) => reason))];
  return shortened(
    reasons.map((reason) => {
      const names = leftovers.filter((one) => one.reason === reason).map(({ name }) => name);
      return `    ${shortened(names).join(', ')} (${reason})`;
    }),
  );
}

function shortened(names: readonly string[]): readonly string[] {
  if (names.length <= shownOfKind) return names;
  return [...names.slice(0, shownOfKind), `and ${names.length - shownOfKind} more`];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `[reset] ${text}`).join('\n');
}
