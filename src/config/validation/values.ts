/** Checks of single values for all kinds of the configuration. Source: apis/kubeadm/validation/validation.go. */
import { messageOf } from '../../errors.ts';
import { parseGoUrl } from '../../lib/go/url.ts';
import { isDnsName, isDnsNameOrWildcard, parseHostPort } from '../../lib/host-port.ts';
import { parseIPSloppy } from '../../lib/ip.ts';
import type { WarningCode } from '../../warnings.ts';
import type { Finding } from '../findings/finding.ts';
import type { APIEndpoint, Arg } from '../hub.ts';

export const tokenPattern = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;

export function invalid(path: string, value: string | number, message: string): Finding {
  return {
    severity: 'error',
    message: `Invalid value: ${JSON.stringify(value)}: ${message}`,
    place: { path },
  };
}

export function required(path: string, message: string): Finding {
  return { severity: 'error', message: `Required value: ${message}`, place: { path } };
}

/** Returns a finding about a secret, without its value. */
export function invalidSecret(path: string, message: string): Finding {
  return { severity: 'error', message, place: { path } };
}

export function warning(code: WarningCode, path: string, message: string): Finding {
  return { severity: 'warning', code, message, place: { path } };
}

export function checkOneOf(text: string, allowed: readonly string[], path: string): readonly Finding[] {
  return allowed.includes(text) ? [] : [invalid(path, text, `must be one of ${allowed.join(', ')}`)];
}

/** Whether `all` stands beside other names of preflight checks. The names are in lower case. */
export function isAllBesideOthers(checks: readonly string[]): boolean {
  return checks.includes('all') && new Set(checks).size > 1;
}

/** An empty text is valid and means the default. */
export function checkPullPolicy(text: string, path: string): readonly Finding[] {
  return text === '' ? [] : checkOneOf(text, ['Always', 'IfNotPresent', 'Never'], path);
}

export function checkToken(token: string, path: string): readonly Finding[] {
  return tokenPattern.test(token)
    ? []
    : [invalidSecret(path, 'the bootstrap token must be of the form [a-z0-9]{6}.[a-z0-9]{16}')];
}

/** A key is valid if it is empty or has 64 hexadecimal characters. */
export function checkCertificateKey(key: string, path: string): readonly Finding[] {
  if (key === '') return [];
  if (!/^([0-9a-fA-F]{2})+$/.test(key)) {
    return [invalidSecret(path, 'certificate key is not hexadecimal: 64 characters 0-9 and a-f are needed')];
  }
  return key.length === 64
    ? []
    : [
        invalidSecret(
          path,
          `invalid certificate key size: it has ${key.length / 2} bytes, and must have 32 (64 characters)`,
        ),
      ];
}

export function checkAbsolutePath(text: string, path: string): readonly Finding[] {
  return text.startsWith('/') ? [] : [invalid(path, text, 'path is not absolute')];
}

export function checkDnsName(text: string, path: string): readonly Finding[] {
  return isDnsName(text)
    ? []
    : [
        invalid(
          path,
          text,
          "must be a DNS name (RFC 1123): at most 253 lower case letters, digits, '-' and '.', and each part begins and ends with a letter or digit",
        ),
      ];
}

export function checkHostPort(text: string, path: string): readonly Finding[] {
  try {
    if (text !== '') parseHostPort(text);
    return [];
  } catch (error) {
    return [invalid(path, text, messageOf(error))];
  }
}

export function checkArgs(args: readonly Arg[], path: string): readonly Finding[] {
  return args.flatMap(({ name }, index) =>
    name === ''
      ? [invalid(`${path}[${index}].name`, '', 'the argument has no name: write name and value')]
      : [],
  );
}

/** Checks the names and addresses for a certificate. A name can begin with `*.`. */
export function checkSans(names: readonly string[], path: string): readonly Finding[] {
  return names.flatMap((name, index) =>
    parseIPSloppy(name) !== undefined || isDnsNameOrWildcard(name)
      ? []
      : [
          invalid(
            `${path}[${index}]`,
            name,
            'altname is not a valid IP address, DNS label or a DNS label with subdomain wildcards',
          ),
        ],
  );
}

export function checkSocket(socket: string, path: string): readonly Finding[] {
  if (socket === '') return [required(path, 'a CRI socket is required')];
  try {
    const { scheme } = parseGoUrl(socket);
    if (scheme === 'unix') return [];
    const hint = 'as in unix:///run/containerd/containerd.sock';
    return [invalid(path, socket, `only URL scheme "unix" is supported, got "${scheme}"; write it ${hint}`)];
  } catch (error) {
    return [invalid(path, socket, `URL parsing error: ${messageOf(error)}`)];
  }
}

export function checkEndpoint(endpoint: APIEndpoint, path: string): readonly Finding[] {
  const { advertiseAddress, bindPort } = endpoint;
  return [
    ...(parseIPSloppy(advertiseAddress) === undefined
      ? [invalid(`${path}.advertiseAddress`, advertiseAddress, 'ip address is not valid')]
      : []),
    ...(bindPort >= 1 && bindPort <= 65_535
      ? []
      : [invalid(`${path}.bindPort`, bindPort, 'port number is not valid: must be from 1 to 65535')]),
  ];
}

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registry = `(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:]+\\])(?::\\d+)?`;
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const imageName = new RegExp(`^(?:${registry}/)?${part}(?:/${part})*$`);

/** Checks the registry and folders of an image reference. */
export function checkRepository(text: string, path: string): readonly Finding[] {
  return imageName.test(`${text}/name`)
    ? []
    : [invalid(path, text, 'invalid image repository format: must be like registry.example.com:5000/folder')];
}
