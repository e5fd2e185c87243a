import { joinPhases } from '../../phases/join/index.ts';
import { runJoin } from '../../phases/join/run.ts';
import { command, type Invocation } from '../command.ts';
import { nodeReportFlags } from '../flags.ts';
import { joinRequest } from '../join-request.ts';
import { phaseCommand, phaseTable } from '../phase-commands.ts';
import { joinFields } from '../result-document.ts';

const argument = '[api-server-endpoint]';

const long = `Make this machine a node of a cluster that 'kubeadm init' made.

First this machine finds out whom to trust (discovery). There are two ways:

* A bootstrap token and the address of an API server, as 'kubeadm init' and
  'kubeadm token create --print-join-command' print them. The token proves the data about the
  cluster, and --discovery-token-ca-cert-hash pins the public key of its CA. Without that flag,
  --discovery-token-unsafe-skip-ca-verification trusts everyone who has the token.
* A kubeconfig file, from a path or an https URL (--discovery-file).

Then the cluster finds out whom to trust (TLS bootstrap): the kubelet asks for its client
certificate with a bootstrap token (--tls-bootstrap-token), or with the credentials of the
kubeconfig file. --token sets both tokens.

With --control-plane the node becomes a control plane. --certificate-key decrypts the
certificates that 'kubeadm init --upload-certs' has stored in the cluster.`;

export const join = command({
  name: 'join',
  argumentsHelp: argument,
  maximumArguments: 1,
  short: 'Make this machine a node of an existing cluster',
  long: `${long}\n\n${phaseTable(`join ${argument}`, joinPhases)}`,
  flags: [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'certificate-key',
    'config',
    'control-plane',
    'cri-socket',
    'discovery-file',
    'discovery-token',
    'discovery-token-ca-cert-hash',
    'discovery-token-unsafe-skip-ca-verification',
    'dry-run',
    'ignore-preflight-errors',
    'node-name',
    'patches',
    'skip-phases',
    'tls-bootstrap-token',
    'token',
  ],
  persistentFlags: nodeReportFlags,
  reports: true,
  commands: [phaseCommand({ command: 'join', phases: joinPhases, run: execute })],
  run: async (invocation) => await execute(invocation),
});

/** @param only full names of the phases to run; defaults to all phases of the command */
async function execute(invocation: Invocation, only?: readonly string[]): Promise<void> {
  const result = await runJoin(invocation.host, joinRequest(invocation, only), invocation);
  invocation.reportResult(joinFields(result));
}
