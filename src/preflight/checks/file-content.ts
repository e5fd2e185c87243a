import { isNotFound, messageOf } from '../../errors.ts';
import { type Check, fail, nameWithPath, passed } from '../check.ts';

const shownCharacters = 20;

/** Fails unless the file begins with `content`. Source: preflight/checks.go FileContentCheck. */
export function fileContent(path: string, content: string): Check {
  const fix = path.startsWith('/proc/sys/')
    ? `: set it with 'sysctl -w ${path.slice('/proc/sys/'.length).replaceAll('/', '.')}=${content}', and in ` +
      '/etc/sysctl.d so that it lasts'
    : '';
  return {
    name: nameWithPath('FileContent', path),
    check: async ({ files }) => {
      try {
        const text = await files.readText(path);
        if (text.startsWith(content)) return passed;
        return fail(
          `${path} contents are not set to ${content} but to "${text.slice(0, shownCharacters).trimEnd()}"${fix}`,
        );
      } catch (error) {
        if (isNotFound(error)) return fail(`${path} does not exist`);
        return fail(`${path} could not be read: ${messageOf(error)}`);
      }
    },
  };
}
