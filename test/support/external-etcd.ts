/** An etcd of its own on bare hosts of the lab, over http or over TLS with client certificates. */
import { ensureComponents } from '../../components/index.ts';
import type { LabNode } from '../../lab/index.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Makes a CA and a certificate for the hosts and for the client in the folder /root/etcd of the first host. */
const certificates = (addresses: readonly string[]): string => `set -e; mkdir -p /root/etcd; cd /root/etcd
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=etcd-ca \
  -addext basicConstraints=critical,CA:TRUE
for name in server client; do
  openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
  printf 'subjectAltName=${addresses.map((address) => `IP:${address}`).join(',')},DNS:etcd\\nextendedKeyUsage=serverAuth,clientAuth\\n' > ext
  openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out $name.crt
done`;

const clientFolder = '/etc/etcd-client';

/**
 * Starts a member of etcd on each host, and writes the client's certificate to these nodes. Without TLS, the members speak
 * http. Returns the field `etcd.external` of the ClusterConfiguration.
 */
export async function startExternalEtcd(
  hosts: readonly LabNode[],
  { clients, tls }: { readonly tls: boolean; readonly clients: readonly LabNode[] },
): Promise<Fields> {
  const { programs } = await ensureComponents();
  const scheme = tls ? 'https' : 'http';
  const addresses = hosts.map(({ addresses: { ipv4 } }) => ipv4 ?? '');
  if (tls) await distribute(hosts, clients, addresses);
  const cluster = hosts.map(({ name }, index) => `${name}=${scheme}://${addresses[index]}:2380`).join(',');
  const files = (kind: string): string =>
    `--${kind}cert-file server.crt --${kind}key-file server.key --${kind}client-cert-auth --${kind}trusted-ca-file ca.crt`;
  await Promise.all(
    hosts.map(async (host, index) => {
      await host.copyIn(programs.etcd, '/usr/bin/etcd');
      const [client, peer] = [2379, 2380].map((port) => `${scheme}://${addresses[index]}:${port}`);
      const flags = [
        `--name ${host.name} --data-dir /root/etcd/data --initial-cluster ${cluster}`,
        `--listen-client-urls ${client} --advertise-client-urls ${client}`,
        `--listen-peer-urls ${peer} --initial-advertise-peer-urls ${peer}`,
        ...(tls ? [files(''), files('peer-')] : []),
      ].join(' ');
      const start = `mkdir -p /root/etcd; cd /root/etcd; setsid etcd ${flags} > etcd.log 2>&1 < /dev/null &`;
      await host.mustExec(['sh', '-c', start]);
    }),
  );
  return {
    endpoints: addresses.map((address) => `${scheme}://${address}:2379`),
    ...(tls && {
      caFile: `${clientFolder}/ca.crt`,
      certFile: `${clientFolder}/client.crt`,
      keyFile: `${clientFolder}/client.key`,
    }),
  };
}

async function distribute(
  hosts: readonly LabNode[],
  clients: readonly LabNode[],
  addresses: readonly string[],
): Promise<void> {
  const [maker, ...others] = hosts;
  if (maker === undefined) throw new RangeError('there is no host for etcd');
  await maker.mustExec(['sh', '-c', certificates(addresses)]);
  const read = async (name: string): Promise<string> => await maker.readFile(`/root/etcd/${name}`);
  for (const name of ['ca.crt', 'server.crt', 'server.key']) {
    for (const host of others) await host.writeFile(`/root/etcd/${name}`, await read(name), 0o600);
  }
  for (const name of ['ca.crt', 'client.crt', 'client.key']) {
    for (const node of clients) await node.writeFile(`${clientFolder}/${name}`, await read(name), 0o600);
  }
}
