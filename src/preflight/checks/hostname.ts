import { messageOf } from '../../errors.ts';
import { isDnsName } from '../../lib/host-port.ts';
import { type Check, warn } from '../check.ts';

const labelKey = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** Warns if the node name is not a label key, or if it has no address. Source: preflight/checks.go HostnameCheck. */
export function hostname(nodeName: string): Check {
  return {
    name: 'Hostname',
    check: async ({ net }) => {
      const format = labelKeyProblems(nodeName).map(
        (problem) => `the node name "${nodeName}" is not valid: ${problem}`,
      );
      try {
        const addresses = await net.lookup(nodeName);
        return warn(...format, ...(addresses.length === 0 ? [unreachable(nodeName)] : []));
      } catch (error) {
        return warn(...format, unreachable(nodeName), `hostname "${nodeName}": ${messageOf(error)}`);
      }
    },
  };
}

function unreachable(nodeName: string): string {
  return (
    `hostname "${nodeName}" could not be reached: no address is known for it; add it to /etc/hosts or to DNS, so ` +
    'that the nodes find one another'
  );
}

/** Source: apimachinery/pkg/api/validate/content/kube.go. */
function labelKeyProblems(name: string): readonly string[] {
  const parts = name.split('/');
  if (parts.length > 2) return ['it may have one "/" at most, after a DNS prefix'];
  const last = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const problems: string[] = [];
  if (prefix === '') problems.push('the part before "/" is empty');
  else if (prefix !== undefined && !isDnsName(prefix)) {
    problems.push(
      `the part before "/", "${prefix}", is not a DNS name in lower case of up to 253 characters`,
    );
  }
  if (last === '') problems.push('it is empty');
  else if (Buffer.byteLength(last) > 63)
    problems.push(`it has ${Buffer.byteLength(last)} characters, 63 are allowed`);
  if (!labelKey.test(last)) {
    problems.push(
      'it may hold letters, digits, "-", "_" and ".", and must begin and end with a letter or digit',
    );
  }
  return problems;
}
