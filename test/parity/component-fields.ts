/** Random values of the fields that all components of the control plane have. */
import fc from 'fast-check';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
export const flagName = fc.stringMatching(/^[a-z]{1,8}(-[a-z]{1,6}){0,2}$/);
const flagValue = fc.oneof(
  fc.constantFrom(
    '',
    'true',
    'false',
    '0',
    '1',
    '5m',
    'a,b',
    '*',
    'x=y',
    '/var/log/a b',
    'a: b',
    '# c',
    "it's",
    '"q"',
    '[::]:0',
    'oidc:',
    '-',
  ),
  word,
);
const args = fc.array(fc.record({ name: flagName, value: flagValue }), { maxLength: 4 });
export const apiServerArgs = fc.array(
  fc.record({
    name: fc.oneof(
      flagName,
      fc.constantFrom(
        'authorization-mode',
        'authorization-config',
        'advertise-address',
        'secure-port',
        'etcd-servers',
        'v',
        'service-cluster-ip-range',
      ),
    ),
    value: fc.oneof(flagValue, fc.constantFrom('Node,RBAC', 'Webhook', 'Node,Bogus', 'AlwaysAllow')),
  }),
  { maxLength: 4 },
);
export const env = fc.array(
  fc.oneof(
    fc.record({ name: fc.constantFrom('A', 'B_C', 'HTTPS_PROXY', 'Z'), value: flagValue }),
    fc.constant({ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }),
  ),
  { maxLength: 3 },
);
const volumes = fc.uniqueArray(
  fc.record(
    {
      name: fc.oneof(word, fc.constantFrom('k8s-certs', 'ca-certs')),
      hostPath: word.map((name) => `/opt/${name}`),
      mountPath: word.map((name) => `/mnt/${name}`),
      readOnly: fc.boolean(),
      pathType: fc.constantFrom('', 'File', 'DirectoryOrCreate'),
    },
    { requiredKeys: ['name', 'hostPath', 'mountPath'] },
  ),
  { maxLength: 3, selector: ({ name }) => name },
);
export const component = { extraArgs: args, extraVolumes: volumes, extraEnvs: env };
export const sans = fc.array(
  fc.oneof(
    word.map((name) => `${name}.example.com`),
    fc.ipV4(),
    fc.constantFrom('*.wild.example', 'UPPER.example', 'fd00::7', '10.0.0.9', '10.0.0.9'),
  ),
  { maxLength: 4 },
);
