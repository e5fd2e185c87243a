/** Counts the requests of a kubeadm by the audit logs of the API servers. */
import type { LabNode } from '../../lab/index.ts';
import type { InitOptions } from '../../test/support/many.ts';

const folder = '/var/log/kubernetes';
const log = `${folder}/audit.log`;
const policyFile = '/etc/kubernetes/audit.yaml';
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{ level: Metadata }]
`;

/** The fields of the ClusterConfiguration for API servers that write an audit log. */
export const auditFields: NonNullable<InitOptions['fields']> = {
  cluster: {
    apiServer: {
      extraArgs: [
        { name: 'audit-policy-file', value: policyFile },
        { name: 'audit-log-path', value: log },
      ],
      extraVolumes: [
        { name: 'audit', hostPath: policyFile, mountPath: policyFile, readOnly: true, pathType: 'File' },
        { name: 'audit-log', hostPath: folder, mountPath: folder, pathType: 'DirectoryOrCreate' },
      ],
    },
  },
};

/** Writes the policy that `auditFields` names. It must be on a control plane before its init or join. */
export async function writeAuditPolicy(node: LabNode): Promise<void> {
  await node.writeFile(policyFile, policy);
}

export interface AuditedRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The status of the response, such as 200. */
  readonly status: number;
}

interface AuditEvent {
  readonly requestReceivedTimestamp: string;
  readonly responseStatus?: { readonly code?: number };
  readonly userAgent?: string;
}

/** The requests to this API server that a kubeadm made. */
export async function auditedRequests(node: LabNode): Promise<readonly AuditedRequest[]> {
  const lines = (await node.readFile(log)).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ userAgent }) => userAgent?.startsWith('kubeadm'))
    .map(({ requestReceivedTimestamp, responseStatus }) => ({
      at: Date.parse(requestReceivedTimestamp),
      status: responseStatus?.code ?? 0,
    }));
}
