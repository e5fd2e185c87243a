const hidden = '<secret>';

/** The end of an escape in a text that Go or a URL has quoted: `\n`, `%3D`. */
const escaped = String.raw`(?<=\\[nrt]|%[0-9A-Fa-f]{2})`;
const edge = `(?:(?<![a-z0-9])|${escaped})`;
const names = `token|password|passwd|secret|client-key-data|certificate[-_]?key`;
/** A value that is not a token without its secret, and not true or false. */
const value = String.raw`(?![a-z0-9]{6}\.<|(?:true|false)\b)[^\s"'\\<,;&]`;

const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  [new RegExp(String.raw`${edge}([a-z0-9]{6})\.[a-z0-9]{16}(?![a-z0-9])`, 'g'), `$1.${hidden}`],
  // JSON Web Tokens.
  [/eyJ[\w-]{8,}(?:\.[\w-]*){1,2}/g, hidden],
  [/(authorization\\?["']?\s*[:=]\s*\\?["'[]{0,3}(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, `$1${hidden}`],
  // The value must look random, because a word can follow: `basic authentication`.
  [/\b([Bb]earer|[Bb]asic)(\s+)(?=[\w.~+/=-]*(?:\d|[a-z][A-Z]))[\w.~+/=-]{8,}/g, `$1$2${hidden}`],
  [/(--certificate-key[ =])[^\s<]{20,}/g, `$1${hidden}`],
  [/(client-key-data\\?["']?:[ \t]*)[\w+/=]{8,}/g, `$1${hidden}`],
  [
    new RegExp(String.raw`((?:${names})(?:=|\\?["']?:[ \t]*\\?["']|=\\?["']|:))${value}{4,}`, 'gi'),
    `$1${hidden}`,
  ],
  // After a colon and a blank, the value must have a digit, because words can follow: `get the secret: forbidden`.
  [new RegExp(String.raw`((?:${names})\\?["']?:[ \t]+)(?=\S*\d)${value}{4,}`, 'gi'), `$1${hidden}`],
  [/((?<![a-z0-9+.-])[a-z0-9+.-]+:\/\/[^\s/:@]*):[^\s/@]+@/gi, `$1:${hidden}@`],
];

/**
 * Makes a text safe to show. Private keys, the secrets of bootstrap tokens, bearer tokens, certificate keys, passwords
 * and other key material become `<secret>`. Certificates, digests, ids, versions and names stay. Applying it twice changes
 * nothing more.
 */
export function redact(text: string): string {
  const known = rules.reduce((rest, [pattern, shown]) => rest.replace(pattern, shown), text);
  return known.replace(/[A-Za-z0-9+/_-]{60,}={0,2}/g, (found) => (isKeyMaterial(found) ? hidden : found));
}

/** Whether the text is base64 of key material. Names, paths and hexadecimal digests lack one of the three kinds. */
function isKeyMaterial(text: string): boolean {
  return [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text)) && !isCertificate(text);
}

/** The text begins with the base64 of `-----BEGIN CERTIFICATE`. */
function isCertificate(text: string): boolean {
  return text.startsWith('LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS');
}
