import { formatDuration } from '../../lib/go/duration.ts';
import type { Rule } from '../finding.ts';

/** Discovery warns from the same difference on. Certificates are made with bounds that allow some minutes. */
const toleratedSeconds = 60;

export const clockDiffers: Rule = {
  name: 'clock-differs',
  title: 'The clocks of the machine and of the API server differ',
  // The components run until a certificate is not valid.
  explainsSymptoms: false,
  proof:
    "The answer of the server in the kubelet's kubeconfig has a time that differs by more than a minute from the clock of this machine, and the server is another machine. This does not end a wait, because certificates and tokens allow some minutes.",
  cure: 'Set the clock that is wrong, and keep both right with NTP.',
  find: ({ machine }) => {
    const { addresses, aheadSeconds = 0, server } = machine?.endpoint ?? {};
    if (Math.abs(aheadSeconds) <= toleratedSeconds) return [];
    // A machine whose own addresses are not known may be the server.
    const own = machine?.addresses;
    if (own === undefined || addresses === undefined || addresses.some((one) => isOwn(one, own))) return [];
    const duration = formatDuration(Math.abs(aheadSeconds) * 1000);
    return [
      {
        code: 'certificate-invalid',
        component: 'clock',
        certainty: 'likely',
        summary: `the clock of this machine is ${duration} ${aheadSeconds > 0 ? 'behind' : 'ahead of'} the clock of the API server at ${server}, so certificates and tokens may not be valid`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Set the clock that is wrong (`timedatectl` shows that of this machine), and let both machines take their time from a time server',
          commands: ['timedatectl', 'timedatectl set-ntp true'],
        },
      },
    ];
  },
};

function isOwn(address: string, own: readonly string[]): boolean {
  return own.includes(address) || /^127\.|^::1$/.test(address);
}
