import { certificateExpiries } from '../../../commands/certificate-expiries.ts';
import { humanDuration } from '../../../lib/go/human-duration.ts';
import type { CertificateExpiry } from '../../../pki/expiry.ts';
import { command, type Invocation } from '../../command.ts';
import { outputFlags, outputFormat } from '../../output-flags.ts';
import { printResult } from '../../render/structured.ts';
import { formatTable } from '../../render/table.ts';
import { sourceFlags, sourceOf } from './source.ts';

export const checkExpiration = command({
  name: 'check-expiration',
  short: 'Show when the certificates of this control-plane node expire',
  long: `Show when the certificates of this control-plane node expire.

The command shows the certificates in the certificates directory and those in the kubeconfig
files of /etc/kubernetes. It does not show that of kubelet.conf, which the kubelet renews itself.
A certificate is externally managed if the key of its authority is not on this node. kubeadm
cannot renew it. The configuration comes from --config, or from the cluster, or from the
defaults.`,
  flags: [...sourceFlags, ...outputFlags],
  run: async (invocation) => {
    const { flags, host, output } = invocation;
    const format = await outputFormat(flags, host);
    const record = format === 'text' ? invocation.record : withoutProgress(invocation.record);
    const expiries = await certificateExpiries(host, sourceOf(flags), { ...invocation, record });
    const { authorities, certificates } = expiries;
    const now = host.clock.now();
    const info = {
      kind: 'CertificateExpirationInfo',
      apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
      certificates: certificates.map((expiry) => expiryObject(expiry, now)),
      certificateAuthorities: authorities.map((expiry) => expiryObject(expiry, now)),
    };
    printResult(output, format, {
      text: `${certificateTable(certificates, now)}\n${authorityTable(authorities, now)}`,
      objects: [info],
    });
  },
});

const progress: ReadonlySet<string> = new Set(['cluster-configuration-reading', 'output', 'progress']);

/** Drops the progress lines, so that stdout has only JSON or YAML. */
function withoutProgress(record: Invocation['record']): Invocation['record'] {
  return (recorded) => {
    if (!progress.has(recorded.event.type)) record(recorded);
  };
}

/** Returns the object of output.kubeadm.k8s.io, with its order of fields. */
function expiryObject(
  { authority, externallyManaged, name, notAfter }: CertificateExpiry,
  now: Date,
): object {
  return {
    name,
    expirationDate: notAfter === undefined ? null : notAfter.toISOString().replace(/\.\d+Z$/, 'Z'),
    residualTime: notAfter === undefined ? 0 : residualSeconds(notAfter, now),
    externallyManaged,
    ...(authority === undefined || notAfter === undefined ? {} : { caName: authority }),
    missing: notAfter === undefined,
  };
}

function certificateTable(expiries: readonly CertificateExpiry[], now: Date): string {
  const headings = ['CERTIFICATE', 'EXPIRES', 'RESIDUAL TIME', 'CERTIFICATE AUTHORITY', 'EXTERNALLY MANAGED'];
  const rows = expiries.map((expiry) => {
    if (expiry.notAfter === undefined) return [`!MISSING! ${expiry.name}`, '', '', '', ''];
    return [...times(expiry.name, expiry.notAfter, now), expiry.authority ?? '', yesOrNo(expiry)];
  });
  return formatTable([headings, ...rows]);
}

function authorityTable(expiries: readonly CertificateExpiry[], now: Date): string {
  const headings = ['CERTIFICATE AUTHORITY', 'EXPIRES', 'RESIDUAL TIME', 'EXTERNALLY MANAGED'];
  const rows = expiries.map((expiry) => {
    if (expiry.notAfter === undefined) return [`!MISSING! ${expiry.name}`, '', '', ''];
    return [...times(expiry.name, expiry.notAfter, now), yesOrNo(expiry)];
  });
  return formatTable([headings, ...rows]);
}

function times(name: string, notAfter: Date, now: Date): readonly string[] {
  return [name, dateText(notAfter), humanDuration(residualSeconds(notAfter, now))];
}

function yesOrNo({ externallyManaged }: CertificateExpiry): string {
  return (externallyManaged ? 'yes' : 'no').padEnd(8);
}

/** Returns whole seconds. They are negative after the certificate has expired. */
function residualSeconds(notAfter: Date, now: Date): number {
  return Math.trunc((notAfter.getTime() - now.getTime()) / 1000) || 0;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Returns a text such as `Jan 02, 2006 15:04 UTC`. */
function dateText(date: Date): string {
  const [, year, month, day, time] = /^(.+)-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(date.toISOString()) ?? [];
  return `${months[Number(month) - 1]} ${day}, ${year} ${time} UTC`;
}
