/** One run of a program in a node: its time, its use of the machine, and the times of its lines. */
import type { LabNode } from '../../lab/index.ts';
import { LabError } from '../../lab/index.ts';

export interface TimedLine {
  /** The seconds since the start of the program. */
  readonly at: number;
  readonly text: string;
}

export interface Measured {
  /** The seconds from the start of the process to its end, measured inside of the node. */
  readonly seconds: number;
  /** The time around the process on the machine's clock, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The processor seconds (user and system), including the programs that it ran and waited for. */
  readonly cpuSeconds: number;
  /**
   * The peak of resident memory in MiB. It is the process's own VmHWM, read every 5 ms, without the programs that it runs.
   * For a process that is too short, it is the kernel's maxrss.
   */
  readonly peakMiB: number;
  /** The standard output and error together, in the order of their arrival. */
  readonly lines: readonly TimedLine[];
}

/** The number of getrusage(2) on x86-64, the only architecture of dist/kubeadm. */
const getrusage = 98;

/**
 * Perl is an essential package of Debian. With it, no nsenter is needed around the measured process, whose cost and
 * memory would count. Its last line is `=code seconds cpu VmHWM maxrss`, with the memory in KiB.
 */
const wrapper = `
use strict; use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
sub now { clock_gettime(CLOCK_MONOTONIC) }
pipe(my $r, my $w) or die "pipe: $!";
my $start = now();
my $pid = fork() // die "fork: $!";
if (!$pid) {
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>&', $w); open(STDERR, '>&', $w);
  close $r; close $w;
  exec { $ARGV[0] } @ARGV or exit 127;
}
close $w;
my ($peak, $rest, $out) = (0, '', '');
my $fd = ''; vec($fd, fileno($r), 1) = 1;
for (;;) {
  my $ready = select(my $set = $fd, undef, undef, 0.005);
  if ($ready > 0) {
    my $n = sysread($r, my $data, 65536);
    last if !$n;
    my $at = now() - $start;
    $rest .= $data;
    while ($rest =~ s/^(.*?)\\n//) { $out .= sprintf("%.4f\\t%s\\n", $at, $1) }
  }
  if (open(my $f, '<', "/proc/$pid/status")) {
    local $/; my $s = <$f> // '';
    $peak = $1 if $s =~ /^Name:\\s+kubeadm/m && $s =~ /^VmHWM:\\s+(\\d+)/m;
  }
}
waitpid($pid, 0);
my ($code, $end) = ($? >> 8 || $? & 127, now());
my $usage = "\\0" x 144;
syscall(${getrusage}, -1, $usage) == 0 or die "getrusage: $!";
my @u = unpack('q5', $usage);
$out .= sprintf("%.4f\\t%s\\n", $end - $start, $rest) if $rest ne '';
printf("%s=%d %.6f %.6f %d %d\\n", $out, $code, $end - $start, $u[0] + $u[2] + ($u[1] + $u[3]) / 1e6, $peak, $u[4]);
`;

/** @throws LabError with the end of its output if the program fails */
export async function measure(node: LabNode, argv: readonly string[]): Promise<Measured> {
  const from = Date.now();
  const output = await node.mustExec(['perl', '-e', wrapper, ...argv], { timeoutMs: 600_000 });
  const { code, ...measured } = parseMeasured(output);
  if (code !== 0) {
    const said = measured.lines.slice(-20).map(({ text }) => text);
    throw new LabError(`${argv.join(' ')}: exit code ${code}\n${said.join('\n')}`);
  }
  return { ...measured, from, to: Date.now() };
}

/** Reads the output of the wrapper. @throws LabError if its last line is missing */
export function parseMeasured(output: string): Omit<Measured, 'from' | 'to'> & { readonly code: number } {
  const all = output.split('\n').filter((line) => line !== '');
  const last = /^=(\d+) ([\d.]+) ([\d.]+) (\d+) (\d+)$/.exec(all.at(-1) ?? '');
  if (last === null) throw new LabError(`no measurement: ${all.at(-1) ?? 'nothing was printed'}`);
  const [code = 0, seconds = 0, cpuSeconds = 0, own = 0, most = 0] = last.slice(1).map(Number);
  const lines = all.slice(0, -1).map((line): TimedLine => {
    const tab = line.indexOf('\t');
    return { at: Number(line.slice(0, tab)), text: line.slice(tab + 1) };
  });
  return { code, seconds, cpuSeconds, peakMiB: (own > 0 ? own : most) / 1024, lines };
}
