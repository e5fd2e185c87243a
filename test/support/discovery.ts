/** The ways in which a joining node can learn of a cluster, each prepared on the node. */
import { kubectl } from '../../lab/cluster.ts';
import { type LabNode, yamlDocument } from '../../lab/index.ts';
import { first, type Invitation, type Machines } from './many.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Top-level fields of a JoinConfiguration. */
export interface Discovered {
  readonly discovery: Fields;
}

/** Writes the files that it needs to the joining node. */
export type Discovery = (machines: Machines, node: LabNode, invitation: Invitation) => Promise<Discovered>;

const file = '/root/discovery/cluster.conf';

/** Key: the name of a variant in the list of tests. */
export const discoveries: Readonly<Record<string, Discovery>> = {
  'a token and the hash of the CA': async ({ endpoint }, _node, { caCertHashes, token }) => ({
    discovery: { bootstrapToken: { apiServerEndpoint: endpoint, token, caCertHashes } },
  }),
  'a token without the hash of the CA': async ({ endpoint }, _node, { token }) => ({
    discovery: { bootstrapToken: { apiServerEndpoint: endpoint, token, unsafeSkipCAVerification: true } },
  }),
  'a file without credentials and a token for the TLS bootstrap': async (machines, node, { token }) => {
    await node.writeFile(file, await clusterInfo(machines), 0o600);
    return { discovery: { file: { kubeConfigPath: file }, tlsBootstrapToken: token } };
  },
  'a file with a token': async (machines, node, { token }) => {
    await writeKubeconfig(machines, node, { token });
    return { discovery: { file: { kubeConfigPath: file } } };
  },
  'a file that names a token file': async (machines, node, { token }) => {
    await node.writeFile('/root/discovery/token', token, 0o600);
    await writeKubeconfig(machines, node, { tokenFile: '/root/discovery/token' });
    return { discovery: { file: { kubeConfigPath: file } } };
  },
  'a file with a client certificate': async (machines, node) => {
    const { certificate, key } = await adminCredentials(machines);
    await writeKubeconfig(machines, node, {
      'client-certificate-data': certificate,
      'client-key-data': key,
    });
    return { discovery: { file: { kubeConfigPath: file } } };
  },
  'a file that names the files of a client certificate': async (machines, node) => {
    const { certificate, key } = await adminCredentials(machines);
    const paths = { certificate: '/root/discovery/client.crt', key: '/root/discovery/client.key' };
    await node.writeFile(paths.certificate, Buffer.from(certificate, 'base64'), 0o600);
    await node.writeFile(paths.key, Buffer.from(key, 'base64'), 0o600);
    await writeKubeconfig(machines, node, {
      'client-certificate': paths.certificate,
      'client-key': paths.key,
    });
    return { discovery: { file: { kubeConfigPath: file } } };
  },
  'an https URL and a token for the TLS bootstrap': async (machines, node, { token }) => {
    const kubeConfigPath = await serveClusterInfo(machines);
    const authority = await first(machines).readFile('/etc/kubernetes/pki/ca.crt');
    const roots = '/etc/ssl/certs/ca-certificates.crt';
    await node.mustExec([
      'sh',
      '-c',
      `mkdir -p /etc/ssl/certs; printf '%s' "$1" >> ${roots}`,
      'trust',
      authority,
    ]);
    return { discovery: { file: { kubeConfigPath }, tlsBootstrapToken: token } };
  },
};

/** Makes the balancer serve cluster-info with the certificate of the API server, which is valid for its name. */
async function serveClusterInfo(machines: Machines): Promise<string> {
  const { balancer } = machines;
  const folder = '/etc/haproxy/discovery';
  const admin = first(machines);
  const pki = '/etc/kubernetes/pki/apiserver';
  const pem = `${await admin.readFile(`${pki}.crt`)}${await admin.readFile(`${pki}.key`)}`;
  await balancer.writeFile(`${folder}/server.pem`, pem, 0o600);
  await balancer.writeFile(`${folder}/cluster.conf`, await clusterInfo(machines));
  await balancer.writeFile(
    `${folder}/haproxy.cfg`,
    `defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s

frontend discovery
  bind :::8443 v4v6 ssl crt ${folder}/server.pem
  http-request return status 200 content-type text/yaml file ${folder}/cluster.conf
`,
  );
  const pid = `${folder}/pid`;
  const start = `kill -0 "$(cat ${pid} 2> /dev/null)" 2> /dev/null || haproxy -D -p ${pid} -f ${folder}/haproxy.cfg`;
  await balancer.mustExec(['sh', '-c', start]);
  return 'https://lb:8443/cluster.conf';
}

/** The kubeconfig in the ConfigMap cluster-info: the server and its CA. */
export async function clusterInfo(machines: Machines): Promise<string> {
  const path = 'jsonpath={.data.kubeconfig}';
  return await kubectl(first(machines), [
    '-n',
    'kube-public',
    'get',
    'configmap',
    'cluster-info',
    '-o',
    path,
  ]);
}

/** The administrator's certificate and key in base64. */
async function adminCredentials(
  machines: Machines,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const admin = first(machines);
  const get = async (name: string): Promise<string> =>
    await kubectl(admin, ['config', 'view', '--raw', '-o', `jsonpath={.users[0].user.${name}}`]);
  return { certificate: await get('client-certificate-data'), key: await get('client-key-data') };
}

async function writeKubeconfig(machines: Machines, node: LabNode, user: Fields): Promise<void> {
  const info = await clusterInfo(machines);
  const ca = /certificate-authority-data: (\S+)/.exec(info)?.[1];
  const server = /server: (\S+)/.exec(info)?.[1];
  const text = yamlDocument({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'found', cluster: { 'certificate-authority-data': ca, server } }],
    users: [{ name: 'joiner', user }],
    contexts: [{ name: 'joiner@found', context: { cluster: 'found', user: 'joiner' } }],
    'current-context': 'joiner@found',
  });
  await node.writeFile(file, text, 0o600);
}
