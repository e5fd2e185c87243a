import type { Random } from '../host.ts';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Returns a new bootstrap token of the form `<id>.<secret>`. It is a secret. */
export function randomToken(random: Random): string {
  return `${randomText(random, 6)}.${randomText(random, 16)}`;
}

/** Returns letters and digits with equal probability. It drops bytes from 252 on, the last multiple of 36. */
function randomText(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 252 && text.length < length) text += alphabet.charAt(byte % 36);
    }
  }
  return text;
}
