/** Compares by the UTF-8 bytes of texts, which is the order of code points and not of UTF-16 units. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
