const part = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^(?:${part}\\.){3}${part}$`);

/**
 * 4 or 6 when the text is an address of that family, without a zone; 0 when it is none. Not `isIP` of `node:net`:
 * loading that module takes longer than all that a short command reads.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (ipv4.test(text)) return 4;
  // What looks like IPv4 at the end stands for two groups.
  const colon = text.lastIndexOf(':');
  const groups = ipv4.test(text.slice(colon + 1)) ? `${text.slice(0, colon + 1)}0:0` : text;
  const halves = groups.split('::');
  const listed = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!listed.every((group) => /^[\da-f]{1,4}$/i.test(group))) return 0;
  const complete = halves.length === 1 ? listed.length === 8 : halves.length === 2 && listed.length < 8;
  return complete ? 6 : 0;
}
