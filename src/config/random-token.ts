import type { Random } from '../host.ts';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A new bootstrap token, `<id>.<secret>`: a secret. */
export function randomToken(random: Random): string {
  return `${randomText(random, 6)}.${randomText(random, 16)}`;
}

/** Letters and digits, each equally likely: bytes beyond the last multiple of 36 are thrown away. */
function randomText(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 252 && text.length < length) text += alphabet.charAt(byte % 36);
    }
  }
  return text;
}
