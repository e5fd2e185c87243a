/** A balancer for the API servers of a cluster: Debian's haproxy in a bare host of the lab. */
import type { LabNode } from './node.ts';
import { LabError } from './run.ts';

export interface Backend {
  readonly name: string;
  /** An IPv4 or IPv6 address. */
  readonly address: string;
}

const config = '/etc/haproxy/haproxy.cfg';
const socket = '/run/haproxy.sock';
const pidFile = '/run/haproxy.pid';

/**
 * The configuration of haproxy. It forwards TCP connections in turns to the API servers whose /readyz answers with 200,
 * and ends the connections to a server that no longer answers.
 */
export function haproxyConfig(backends: readonly Backend[], port: number): string {
  const servers = backends.map(({ name, address }) => {
    const host = address.includes(':') ? `[${address}]` : address;
    return `  server ${name} ${host}:${port}\n`;
  });
  return `global
  stats socket ${socket} mode 600 level admin

defaults
  mode tcp
  retries 2
  option redispatch
  timeout connect 2s
  timeout check 2s
  timeout client 10m
  timeout server 10m

frontend api
  bind :::${port} v4v6
  default_backend api

backend api
  balance roundrobin
  option httpchk GET /readyz
  default-server check check-ssl verify none inter 1s fastinter 250ms downinter 500ms rise 1 fall 2 on-marked-down shutdown-sessions
${servers.join('')}`;
}

/**
 * Makes a bare host forward connections to its port to the API servers of these nodes. It may be called again with other
 * nodes while the balancer runs. Connections to nodes that stay are not ended.
 * @throws LabError if haproxy does not use the configuration within 10 s
 */
export async function balance(
  balancer: LabNode,
  nodes: readonly LabNode[],
  options: {
    /** The port of the balancer and of the API servers. Defaults to 6443. */ readonly port?: number;
  } = {},
): Promise<void> {
  const backends = nodes.map(({ name, addresses }) => ({
    name,
    address: addresses.ipv4 ?? addresses.ipv6 ?? '',
  }));
  await balancer.writeFile(config, haproxyConfig(backends, options.port ?? 6443));
  await balancer.mustExec(['haproxy', '-c', '-q', '-f', config]);
  const names = backends.map(({ name }) => name).sort();
  const script = `set -e
if pid=$(cat ${pidFile} 2> /dev/null) && kill -USR2 "$pid" 2> /dev/null; then :; else
  haproxy -W -D -p ${pidFile} -f ${config}
fi
for i in $(seq 200); do
  now=$(echo 'show stat' | socat -t 2 - UNIX-CONNECT:${socket} 2> /dev/null | sed -n 's/^api,\\([^,]*\\),.*/\\1/p' |
    grep -v -x -e FRONTEND -e BACKEND | sort | tr '\\n' ' ')
  [ "$now" != "$1" ] || exit 0
  sleep 0.05
done
exit 1`;
  const wanted = names.map((name) => `${name} `).join('');
  const { code, stderr, stdout } = await balancer.exec(['sh', '-c', script, 'balance', wanted], {
    timeoutMs: 20_000,
  });
  if (code !== 0) throw new LabError(`${balancer.name}: haproxy does not use ${config}: ${stdout}${stderr}`);
}

/** The names of the nodes whose API server the balancer uses at this moment. */
export async function backendsInUse(balancer: LabNode): Promise<readonly string[]> {
  const stat = await balancer.mustExec([
    'sh',
    '-c',
    `echo 'show stat' | socat -t 2 - UNIX-CONNECT:${socket}`,
  ]);
  return stat
    .split('\n')
    .map((line) => line.split(','))
    .filter(([proxy, name, ...rest]) => proxy === 'api' && name !== 'BACKEND' && rest[15]?.startsWith('UP'))
    .map(([, name = '']) => name)
    .filter((name) => name !== 'FRONTEND');
}
