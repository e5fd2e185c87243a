/**
 * A line of a log as it may be shown: bootstrap tokens, bearer tokens, passwords in URLs and key material are
 * blanked out. Errs on the side of hiding.
 */
export function redact(text: string): string {
  return text
    .replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '<token>')
    .replace(/\beyJ[\w-]{8,}(?:\.[\w-]*){1,2}/g, '<token>')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 <token>')
    .replace(
      /\b((?:token|password|passwd|secret|client[-_]secret)\\?["']?\s*[:=]\s*\\?["']?)[^\s"'\\<,;&]{4,}/gi,
      '$1<hidden>',
    )
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, '$1:<hidden>@')
    .replace(/[A-Za-z0-9+/=_-]{60,}/g, (found) => (isDigest(found) ? found : '<data>'));
}

/** Identifiers of sandboxes, containers and images: 64 hexadecimal digits, alone or as a part of a path. */
function isDigest(text: string): boolean {
  const parts = text.split('/');
  const isId = (part: string): boolean => /^[0-9a-f]{64}$/.test(part);
  return parts.some(isId) && parts.every((part) => isId(part) || /^[a-z0-9_-]{0,20}$/.test(part));
}
