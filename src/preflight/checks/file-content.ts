import { isNotFound, messageOf } from '../../errors.ts';
import { type Check, fail, nameWithPath, passed } from '../check.ts';

/** Error unless the file begins with `content`. Source: preflight/checks.go FileContentCheck. */
export function fileContent(path: string, content: string): Check {
  const fix = path.startsWith('/proc/sys/')
    ? `: set it with 'sysctl -w ${path.slice('/proc/sys/'.length).replaceAll('/', '.')}=${content}', and in ` +
      '/etc/sysctl.d so that it lasts'
    : '';
  return {
    name: nameWithPath('FileContent', path),
    check: async ({ files }) => {
      try {
        const bytes = await files.read(path, { maxBytes: Buffer.byteLength(content) });
        const found = Buffer.from(bytes).toString('latin1').slice(0, content.length);
        if (found === content) return passed;
        return fail(`${path} contents are not set to ${content} but to "${found.trimEnd()}"${fix}`);
      } catch (error) {
        if (isNotFound(error)) return fail(`${path} does not exist`);
        return fail(`${path} could not be read: ${messageOf(error)}`);
      }
    },
  };
}
