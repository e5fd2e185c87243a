const hidden = '<secret>';

/** The end of what Go or a URL has quoted: `\n`, `%3D`. */
const escaped = String.raw`(?<=\\[nrt]|%[0-9A-Fa-f]{2})`;
const edge = `(?:(?<![a-z0-9])|${escaped})`;
const names = `token|password|passwd|secret|client-key-data|certificate[-_]?key`;
/** Not a token that has lost its secret, and not a switch. */
const value = String.raw`(?![a-z0-9]{6}\.<|(?:true|false)\b)[^\s"'\\<,;&]`;

const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  [new RegExp(String.raw`${edge}([a-z0-9]{6})\.[a-z0-9]{16}(?![a-z0-9])`, 'g'), `$1.${hidden}`],
  // A JSON Web Token.
  [/eyJ[\w-]{8,}(?:\.[\w-]*){1,2}/g, hidden],
  [/(authorization\\?["']?\s*[:=]\s*\\?["'[]{0,3}(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, `$1${hidden}`],
  // Elsewhere a word may follow: `basic authentication`.
  [/\b([Bb]earer|[Bb]asic)(\s+)(?=[\w.~+/=-]*(?:\d|[a-z][A-Z]))[\w.~+/=-]{8,}/g, `$1$2${hidden}`],
  [/(--certificate-key[ =])[^\s<]{20,}/g, `$1${hidden}`],
  [/(client-key-data\\?["']?:[ \t]*)[\w+/=]{8,}/g, `$1${hidden}`],
  [
    new RegExp(String.raw`((?:${names})(?:=|\\?["']?:[ \t]*\\?["']|=\\?["']|:))${value}{4,}`, 'gi'),
    `$1${hidden}`,
  ],
  // After a colon and a blank a word may follow: `failed to get the secret: forbidden`.
  [new RegExp(String.raw`((?:${names})\\?["']?:[ \t]+)(?=\S*\d)${value}{4,}`, 'gi'), `$1${hidden}`],
  [/((?<![a-z0-9+.-])[a-z0-9+.-]+:\/\/[^\s/:@]*):[^\s/@]+@/gi, `$1:${hidden}@`],
];

/**
 * A text as it may be shown: private keys, the secrets of bootstrap tokens (their ids stay), bearer tokens,
 * certificate keys, passwords and other key material become `<secret>`. Certificates, digests, ids, versions and
 * names stay. To redact twice changes nothing.
 */
export function redact(text: string): string {
  const known = rules.reduce((rest, [pattern, shown]) => rest.replace(pattern, shown), text);
  return known.replace(/[A-Za-z0-9+/_-]{60,}={0,2}/g, (found) => (isKeyMaterial(found) ? hidden : found));
}

/** Base64; names, paths and hexadecimal digests do not have all three kinds of characters. */
function isKeyMaterial(text: string): boolean {
  return [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text)) && !isCertificate(text);
}

/** `-----BEGIN CERTIFICATE` in base64. */
function isCertificate(text: string): boolean {
  return text.startsWith('LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS');
}
