/** Checksums of files, and the files in which projects publish them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Returns the SHA-256 in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * The SHA-256 that a published file has for `fileName`. The file is a single hash (dl.k8s.io), or has lines of
 * sha256sum(1), whose names can have a path. Returns undefined if it has no hash for the name, or two different ones.
 */
export function publishedSha256(text: string, fileName: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const lone = /^[0-9a-f]{64}$/i.exec(lines[0] ?? '');
  if (lines.length === 1 && lone !== null) return lone[0].toLowerCase();
  const found = new Set<string>();
  for (const line of lines) {
    const [, hash, name] = /^([0-9a-f]{64})\s+\*?(\S+)$/i.exec(line) ?? [];
    if (hash !== undefined && name?.split('/').at(-1) === fileName) found.add(hash.toLowerCase());
  }
  const [hash, ...others] = found;
  return others.length === 0 ? hash : undefined;
}
