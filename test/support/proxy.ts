/** An HTTP proxy for CONNECT on a machine of the lab. */
import type { LabNode } from '../../lab/index.ts';

/** Writes each target to the file LOG. Only the proxy can resolve dl.k8s.io, which is at the address RELEASES. */
const program = `
use strict; use IO::Socket::INET; use IO::Select;
my ($port, $log, $releases) = @ARGV;
$SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 128, ReuseAddr => 1) or die;
while (1) {
  my $client = $server->accept or next;
  next if fork;
  my $head = '';
  while ($head !~ /\\r\\n\\r\\n/) { sysread($client, $head, 1, length $head) or exit }
  my ($host, $to) = $head =~ m{^CONNECT \\[?([^\\]\\s]+?)\\]?:(\\d+) HTTP/1} or exit;
  open(my $notes, '>>', $log) or die; print $notes "$host:$to\\n"; close $notes;
  ($host, $to) = split /:/, $releases if $host eq 'dl.k8s.io';
  my $target = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $to)
    or do { print $client "HTTP/1.1 502 Bad Gateway\\r\\n\\r\\n"; exit };
  print $client "HTTP/1.1 200 Connection established\\r\\n\\r\\n"; $client->flush;
  my $select = IO::Select->new($client, $target);
  while (my @ready = $select->can_read) {
    for my $from (@ready) {
      sysread($from, my $data, 65536) or exit;
      syswrite($from == $client ? $target : $client, $data);
    }
  }
}
`;

/** Starts a program that outlives the call. */
export async function inBackground(node: LabNode, command: string): Promise<void> {
  await node.mustExec(['sh', '-c', `setsid ${command} >/dev/null 2>&1 </dev/null &`]);
}

export const proxyPort = 3128;
/** The file with a line `HOST:PORT` for each connection. */
export const proxyTargets = '/root/targets';

export async function startProxy(node: LabNode, releases = '127.0.0.1:1'): Promise<void> {
  await node.writeFile('/root/proxy.pl', program);
  await inBackground(node, `perl /root/proxy.pl ${proxyPort} ${proxyTargets} ${releases}`);
}
