const part = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^(?:${part}\\.){3}${part}$`);

/**
 * Returns 4 or 6 if the text is an address of that family without a zone, and 0 if it is not an address. It replaces
 * `isIP` of `node:net`, because loading that module takes longer than a short command needs for all its input.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (ipv4.test(text)) return 4;
  // An IPv4 address at the end stands for two groups.
  const colon = text.lastIndexOf(':');
  const groups = ipv4.test(text.slice(colon + 1)) ? `${text.slice(0, colon + 1)}0:0` : text;
  const halves = groups.split('::');
  const listed = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!listed.every((group) => /^[\da-f]{1,4}$/i.test(group))) return 0;
  const complete = halves.length === 1 ? listed.length === 8 : halves.length === 2 && listed.length < 8;
  return complete ? 6 : 0;
}
