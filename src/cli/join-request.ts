/** Turns the flags and the argument of `join` and of its single phases into a request. */
import { defaultBindPort } from '../config/defaults.ts';
import type { RawJoin } from '../config/v1beta4/defaults.ts';
import type { Emit } from '../events.ts';
import { defined } from '../lib/defined.ts';
import type { JoinRequest } from '../phases/join/request.ts';
import type { CommandFlags, GivenFlags } from './flag-values.ts';
import { refuseMixedFlags } from './mixed-flags.ts';

export interface JoinCommandLine {
  readonly flags: CommandFlags<never>;
  /** The positional arguments. */
  readonly arguments: readonly string[];
  readonly emit: Emit;
}

/**
 * Warns with `control-plane-flags-ignored` about flags of a control plane without `--control-plane`.
 *
 * @param only full names of the phases to run; defaults to all phases of the command
 * @throws KubeadmError code `usage` if a flag beside `--config` has a value that belongs in the configuration file
 */
export function joinRequest(
  { arguments: [endpoint], emit, flags }: JoinCommandLine,
  only?: readonly string[],
): JoinRequest {
  refuseMixedFlags(flags);
  const given: GivenFlags = flags.given;
  warnOfIgnoredFlags(given, emit);
  const configPath = given.config;
  return defined({
    configPath,
    fields: configPath === undefined ? overlayOf(given, endpoint) : undefined,
    only,
    skip: given['skip-phases'],
    dryRun: given['dry-run'],
    ignorePreflightErrors: given['ignore-preflight-errors'],
    nodeName: given['node-name'],
    criSocket: given['cri-socket'],
    patchesDir: given.patches,
    criDetection: flags.names.has('cri-socket'),
    usesAdminConf: !flags.names.has('discovery-file'),
  });
}

/** Returns the fields of the configuration that the flags set. Without an endpoint, there is no discovery by token. */
function overlayOf(given: GivenFlags, endpoint: string | undefined): RawJoin {
  const discoveryToken = given['discovery-token'];
  const file = given['discovery-file'];
  return defined({
    discovery: defined({
      bootstrapToken:
        endpoint === undefined
          ? undefined
          : defined({
              apiServerEndpoint: endpoint,
              token: discoveryToken ?? given.token,
              caCertHashes: given['discovery-token-ca-cert-hash'],
              unsafeSkipCAVerification: given['discovery-token-unsafe-skip-ca-verification'],
            }),
      file: file === undefined ? undefined : { kubeConfigPath: file },
      tlsBootstrapToken: given['tls-bootstrap-token'] ?? discoveryToken ?? given.token,
    }),
    controlPlane:
      given['control-plane'] === true
        ? defined({
            certificateKey: given['certificate-key'],
            localAPIEndpoint: defined({
              advertiseAddress: given['apiserver-advertise-address'],
              bindPort: given['apiserver-bind-port'],
            }),
          })
        : undefined,
    nodeRegistration: defined({ name: given['node-name'], criSocket: given['cri-socket'] }),
  });
}

function warnOfIgnoredFlags(given: GivenFlags, emit: Emit): void {
  if (given['control-plane'] === true) return;
  const port = given['apiserver-bind-port'];
  const ignored = [
    ...(given['certificate-key'] === undefined ? [] : ['certificate-key']),
    ...(given['apiserver-advertise-address'] === undefined ? [] : ['apiserver-advertise-address']),
    ...(port === undefined || port === defaultBindPort ? [] : ['apiserver-bind-port']),
  ].map((name) => `--${name}`);
  if (ignored.length === 0) return;
  const message = `--control-plane is also required for ${ignored.join(', ')}: without it, this node becomes a worker`;
  emit({ type: 'warning', code: 'control-plane-flags-ignored', topic: 'preflight', message });
}
