import { describeFinding, type Finding } from '../../../config/findings/finding.ts';
import { warnTo } from '../../../config/findings/warnings.ts';
import type { BootstrapToken, Timeouts } from '../../../config/hub.ts';
import { loadInitFamily } from '../../../config/load.ts';
import { randomToken } from '../../../config/random-token.ts';
import { defaultInit } from '../../../config/v1beta4/defaults.ts';
import { validateBootstrapToken } from '../../../config/validation/tokens.ts';
import { tokenPattern } from '../../../config/validation/values.ts';
import type { KubeadmError } from '../../../errors.ts';
import { defined } from '../../../lib/defined.ts';
import type { Invocation } from '../../command.ts';
import { usage } from '../../parse.ts';

/** The flags that describe a token. */
type TokenFlag = 'config' | 'description' | 'groups' | 'ttl' | 'usages';

/** The tokens that `token create` has to create. */
export interface Wanted {
  /** The list has at least one token. */
  readonly tokens: readonly BootstrapToken[];
  readonly timeouts: Timeouts;
}

/**
 * Returns the tokens of the file, or the one token of the argument and the flags.
 *
 * @throws KubeadmError `usage`, and the errors of `loadInitFamily`; the messages contain no token
 */
export async function wantedTokens(invocation: Invocation<TokenFlag>): Promise<Wanted> {
  const { emit, flags, host } = invocation;
  const given = invocation.arguments[0] ?? '';
  if (given !== '' && !tokenPattern.test(given)) throw malformed(given);
  const configPath = flags.given.config;
  if (configPath === undefined) return fromFlags(invocation, given);
  if (given !== '') {
    const message = `the token of the command line is not created, because ${configPath} has the tokens`;
    emit({ type: 'warning', code: 'token-ignored', message });
  }
  const options = { criDetection: false, onWarning: warnTo(emit) };
  const { init } = (await loadInitFamily(host, { configPath }, options)).config;
  return { tokens: init.bootstrapTokens, timeouts: init.timeouts };
}

function fromFlags({ flags, host }: Invocation<TokenFlag>, token: string): Wanted {
  const { given } = flags;
  const raw = defined({
    token: token === '' ? randomToken(host.random) : token,
    ttl: given.ttl,
    usages: given.usages,
    groups: given.groups,
    description: given.description,
  });
  const { bootstrapTokens: tokens, timeouts } = defaultInit({ bootstrapTokens: [raw] });
  const findings = tokens.flatMap(validateBootstrapToken).map(byFlag);
  if (findings.length > 0) throw usage(findings.map(describeFinding).join('; '));
  return { tokens, timeouts };
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
  return usage(
    `the bootstrap token is not of the form [a-z0-9]{6}.[a-z0-9]{16}: ${why}`,
    'Without it kubeadm makes a random one.',
  );
}
