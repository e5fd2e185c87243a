import { describeFinding, type Finding } from '../config/findings/finding.ts';
import { warnTo } from '../config/findings/warnings.ts';
import type { BootstrapToken, Timeouts } from '../config/hub.ts';
import { loadInitFamily } from '../config/load.ts';
import { randomToken } from '../config/random-token.ts';
import { defaultInit } from '../config/v1beta4/defaults.ts';
import { validateBootstrapToken } from '../config/validation/tokens.ts';
import { tokenPattern } from '../config/validation/values.ts';
import { type KubeadmError, usageError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ReadHost } from '../host.ts';
import { defined } from '../lib/defined.ts';
import { type ConfigRequest, configSource } from '../phases/config-source.ts';

/** Either the tokens of a configuration, or one token. The fields of the token have no effect beside a configuration. */
export interface TokenRequest extends Pick<ConfigRequest<never>, 'configPath' | 'configText'> {
  /** A secret `<id>.<secret>`. Defaults to a random one. */
  readonly token?: string;
  readonly description?: string;
  /** Groups that the token authenticates as. */
  readonly groups?: readonly string[];
  /** `signing` and `authentication`. Defaults to both. */
  readonly usages?: readonly string[];
  /** In milliseconds. Defaults to one day. With 0 the token never expires. */
  readonly ttl?: number;
}

/** The tokens to create. */
export interface Wanted {
  readonly tokens: readonly [BootstrapToken, ...BootstrapToken[]];
  readonly timeouts: Timeouts;
}

/**
 * Returns the tokens of the configuration, or the one token of the request.
 *
 * @throws KubeadmError `usage`, and the errors of `loadInitFamily`; the messages contain no token
 */
export async function wantedTokens(host: ReadHost, request: TokenRequest, emit: Emit): Promise<Wanted> {
  const { token: given } = request;
  if (given !== undefined && !tokenPattern.test(given)) throw malformed(given);
  const source = configSource<never>(request);
  if (source.configPath === undefined) return fromRequest(host, request);
  if (given !== undefined) {
    const message = `the token of the command line is not created, because ${source.configPath} has the tokens`;
    emit({ type: 'warning', code: 'token-ignored', message });
  }
  const options = { criDetection: false, onWarning: warnTo(emit) };
  const { init } = (await loadInitFamily(host, source, options)).config;
  return { tokens: atLeastOne(init.bootstrapTokens), timeouts: init.timeouts };
}

function fromRequest({ random }: Pick<ReadHost, 'random'>, request: TokenRequest): Wanted {
  const { description, groups, token = randomToken(random), ttl, usages } = request;
  const raw = defined({ token, ttl, usages, groups, description });
  const { bootstrapTokens, timeouts } = defaultInit({ bootstrapTokens: [raw] });
  const findings = bootstrapTokens.flatMap(validateBootstrapToken).map(byFlag);
  if (findings.length > 0) throw usageError(findings.map(describeFinding).join('; '));
  return { tokens: atLeastOne(bootstrapTokens), timeouts };
}

/** The defaults of a configuration have one token. */
function atLeastOne([first, ...others]: readonly BootstrapToken[]): Wanted['tokens'] {
  if (first === undefined) throw usageError('the configuration has no bootstrap token to create');
  return [first, ...others];
}

/** Changes the place of a finding from the field of the configuration to the flag with the value. */
function byFlag(finding: Finding): Finding {
  const path = finding.place.path?.replace(/^bootstrapTokens\[0\]\./, '--');
  return { ...finding, place: path === undefined ? {} : { path } };
}

/** Describes the problem without the token, because it may be a secret with one wrong character. */
function malformed(given: string): KubeadmError {
  const [id = '', secret = '', ...more] = given.split('.');
  const why =
    secret === '' || more.length > 0
      ? 'it is not two parts with a dot between'
      : id.length !== 6
        ? `its id has ${id.length} characters instead of 6`
        : secret.length !== 16
          ? `its secret has ${secret.length} characters instead of 16`
          : 'it has characters other than a-z and 0-9';
  return usageError(
    `the bootstrap token is not of the form [a-z0-9]{6}.[a-z0-9]{16}: ${why}`,
    'Without it kubeadm makes a random one.',
  );
}
