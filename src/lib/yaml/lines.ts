/** Offsets at which lines begin. LF, CR, CR LF and NEL (U+0085) end a line, as in Go's parser. */
export function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\r\n?|\n|\u0085/g), ({ 0: end, index }) => index + end.length)];
}

/** Returns the index of the last start that is not behind the offset. */
export function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
