/** Validation of the hub: every finding at once, in upstream's order (apis/kubeadm/validation/validation.go). */
import { splitHostPort } from '../lib/host-port.ts';
import { type CIDR, parseCIDR, parseIP } from '../lib/ip.ts';
import type { Finding } from './finding.ts';
import type {
  APIEndpoint,
  Arg,
  BootstrapToken,
  ClusterConfiguration,
  Etcd,
  InitFamilyConfig,
  JoinConfiguration,
  NodeRegistration,
  ResetConfiguration,
} from './hub.ts';

const tokenPattern = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const algorithms = ['RSA-2048', 'RSA-3072', 'RSA-4096', 'ECDSA-P256', 'ECDSA-P384'];
const knownGates = ['NodeLocalCRISocket', 'PublicKeysECDSA', 'RootlessControlPlane'];
const knownUnmountFlags = ['MNT_FORCE', 'MNT_DETACH', 'MNT_EXPIRE', 'UMOUNT_NOFOLLOW'];
const hour = 3_600_000;

export function validateInit({ init, cluster }: InitFamilyConfig): readonly Finding[] {
  return [
    ...validateRegistration(init.nodeRegistration),
    ...init.bootstrapTokens.flatMap(validateBootstrapToken),
    ...validateCluster(cluster),
    ...validateEndpoint(init.localAPIEndpoint, 'localAPIEndpoint'),
    ...validateCertificateKey(init.certificateKey, 'certificateKey'),
  ];
}

export function validateJoin(join: JoinConfiguration): readonly Finding[] {
  return [
    ...validateDiscovery(join.discovery),
    ...validateRegistration(join.nodeRegistration),
    ...(join.controlPlane === undefined
      ? []
      : [
          ...validateEndpoint(join.controlPlane.localAPIEndpoint, 'controlPlane.localAPIEndpoint'),
          ...validateCertificateKey(join.controlPlane.certificateKey, 'controlPlane.certificateKey'),
        ]),
    ...(join.caCertPath.startsWith('/') && join.caCertPath.endsWith('.crt')
      ? []
      : [
          invalid(
            'caCertPath',
            join.caCertPath,
            'the CA certificate path must be an absolute path that ends with .crt',
          ),
        ]),
  ];
}

export function validateReset(reset: ResetConfiguration): readonly Finding[] {
  return [
    ...validateSocket(reset.criSocket, 'criSocket'),
    ...validateAbsolute(reset.certificatesDir, 'certificatesDir'),
    ...reset.unmountFlags.flatMap((flag, index) =>
      knownUnmountFlags.includes(flag)
        ? []
        : [invalid(`unmountFlags[${index}]`, flag, `must be one of ${knownUnmountFlags.join(', ')}`)],
    ),
  ];
}

function validateCluster(cluster: ClusterConfiguration): readonly Finding[] {
  const { networking, apiServer } = cluster;
  return [
    ...validateRepository(cluster.dns.imageRepository, 'dns.imageRepository'),
    ...validateDomain(networking.dnsDomain, 'networking.dnsDomain'),
    ...validateSubnets(networking.serviceSubnet, 'networking.serviceSubnet', 10),
    ...validateServiceSize(networking.serviceSubnet),
    ...(networking.podSubnet === '' ? [] : validatePodSubnet(cluster)),
    ...validateSans(apiServer.certSANs, 'apiServer.certSANs'),
    ...validateArgs(apiServer.extraArgs, 'apiServer.extraArgs'),
    ...validateArgs(cluster.controllerManager.extraArgs, 'controllerManager.extraArgs'),
    ...validateArgs(cluster.scheduler.extraArgs, 'scheduler.extraArgs'),
    ...validateAbsolute(cluster.certificatesDir, 'certificatesDir'),
    ...Object.keys(cluster.featureGates).flatMap((gate) =>
      knownGates.includes(gate)
        ? []
        : [
            invalid(
              'featureGates',
              gate,
              `${gate} is not a valid feature name; known are ${knownGates.join(', ')}`,
            ),
          ],
    ),
    ...validateHostPort(cluster.controlPlaneEndpoint, 'controlPlaneEndpoint'),
    ...validateRepository(cluster.imageRepository, 'imageRepository'),
    ...validateEtcd(cluster.etcd),
    ...(algorithms.includes(cluster.encryptionAlgorithm)
      ? []
      : [
          invalid(
            'encryptionAlgorithm',
            cluster.encryptionAlgorithm,
            `must be one of ${algorithms.join(', ')}`,
          ),
        ]),
    ...validatePeriods(cluster),
  ];
}

function validatePeriods(cluster: ClusterConfiguration): readonly Finding[] {
  const { certificateValidityPeriod: leaf, caCertificateValidityPeriod: ca } = cluster;
  const warn = (path: string, message: string): Finding => ({
    severity: 'warning',
    message,
    place: { path },
  });
  return [
    ...(leaf > 8760 * hour
      ? [warn('certificateValidityPeriod', 'certificates valid for more than a year are not recommended')]
      : []),
    ...(ca > 87_600 * hour
      ? [warn('caCertificateValidityPeriod', 'a CA valid for more than ten years is not recommended')]
      : []),
    ...(leaf > ca
      ? [
          warn(
            'certificateValidityPeriod',
            'certificates will outlive their CA: caCertificateValidityPeriod is shorter',
          ),
        ]
      : []),
  ];
}

function validateRegistration(node: NodeRegistration): readonly Finding[] {
  return [
    ...(node.name === ''
      ? [
          required(
            'nodeRegistration.name',
            '--node-name or .nodeRegistration.name in the config file is a required value',
          ),
        ]
      : validateName(node.name, 'nodeRegistration.name')),
    ...validateSocket(node.criSocket, 'nodeRegistration.criSocket'),
    ...validateArgs(node.kubeletExtraArgs, 'nodeRegistration.kubeletExtraArgs'),
    ...(['', 'Always', 'IfNotPresent', 'Never'].includes(node.imagePullPolicy)
      ? []
      : [
          invalid(
            'nodeRegistration.imagePullPolicy',
            node.imagePullPolicy,
            'must be one of Always, IfNotPresent, Never',
          ),
        ]),
  ];
}

function validateBootstrapToken(token: BootstrapToken, index: number): readonly Finding[] {
  const path = `bootstrapTokens.${index}`;
  const usages = token.usages.filter((usage) => !['signing', 'authentication'].includes(usage));
  return [
    // The token itself is never shown.
    ...(tokenPattern.test(token.token)
      ? []
      : [
          {
            severity: 'error',
            message: 'the bootstrap token must be of the form [a-z0-9]{6}.[a-z0-9]{16}',
            place: { path: `${path}.token` },
          } as const,
        ]),
    ...(token.ttl !== undefined && token.expires !== undefined
      ? [
          invalid(
            `${path}.expires`,
            token.expires,
            'the BootstrapToken .TTL and .Expires fields are mutually exclusive',
          ),
        ]
      : []),
    ...usages.map((usage) => invalid(`${path}.usages`, usage, 'must be signing or authentication')),
    ...(token.groups.length > 0 && !token.usages.includes('authentication')
      ? [
          invalid(
            `${path}.groups`,
            token.groups.join(','),
            'token groups cannot be specified unless usages includes "authentication"',
          ),
        ]
      : []),
    ...token.groups
      .filter((group) => !groupPattern.test(group))
      .map((group) => invalid(`${path}.groups`, group, `bootstrap group must match ${groupPattern.source}`)),
  ];
}

function validateDiscovery(discovery: JoinConfiguration['discovery']): readonly Finding[] {
  const { bootstrapToken: token, file, tlsBootstrapToken } = discovery;
  if (token !== undefined && file !== undefined) {
    return [
      invalid(
        'discovery',
        '',
        'using both file-based and token-based discovery is not allowed: set bootstrapToken or file',
      ),
    ];
  }
  if (token === undefined && file === undefined) {
    return [invalid('discovery', '', 'bootstrapToken or file must be set')];
  }
  const secret = (path: string): Finding => ({
    severity: 'error',
    message: 'the bootstrap token must be of the form [a-z0-9]{6}.[a-z0-9]{16}',
    place: { path },
  });
  if (file !== undefined) {
    return [
      ...(file.kubeConfigPath === ''
        ? [required('discovery.file.kubeConfigPath', 'a path or an https URL is required')]
        : []),
      ...(tlsBootstrapToken !== '' && !tokenPattern.test(tlsBootstrapToken)
        ? [secret('discovery.tlsBootstrapToken')]
        : []),
      ...(/^[a-z]+:\/\//.test(file.kubeConfigPath) && !file.kubeConfigPath.startsWith('https://')
        ? [
            invalid(
              'discovery.file.kubeConfigPath',
              file.kubeConfigPath,
              'if a URL is given, its scheme must be https',
            ),
          ]
        : []),
    ];
  }
  return [
    ...(token === undefined || tokenPattern.test(token.token)
      ? []
      : [secret('discovery.bootstrapToken.token')]),
    ...(token !== undefined && token.caCertHashes.length === 0 && !token.unsafeSkipCAVerification
      ? [
          invalid(
            'discovery.bootstrapToken.caCertHashes',
            '',
            'using token-based discovery without caCertHashes can be unsafe: set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
          ),
        ]
      : []),
    ...(token === undefined || token.apiServerEndpoint !== ''
      ? splitHostPort(token?.apiServerEndpoint ?? ':') === undefined
        ? [
            invalid(
              'discovery.bootstrapToken.apiServerEndpoint',
              token?.apiServerEndpoint ?? '',
              'must be host:port',
            ),
          ]
        : []
      : [
          required(
            'discovery.bootstrapToken.apiServerEndpoint',
            'the endpoint of the API server is required',
          ),
        ]),
    ...(tokenPattern.test(tlsBootstrapToken) ? [] : [secret('discovery.tlsBootstrapToken')]),
  ];
}

function validateEtcd({ local, external }: Etcd): readonly Finding[] {
  if (local !== undefined && external !== undefined) {
    return [
      invalid('etcd', '', 'either .Etcd.Local or .Etcd.External is required: they are mutually exclusive'),
    ];
  }
  if (local !== undefined) {
    return [
      ...validateRepository(local.imageRepository, 'etcd.local.imageRepository'),
      ...validateAbsolute(local.dataDir, 'etcd.local.dataDir'),
      ...validateArgs(local.extraArgs, 'etcd.local.extraArgs'),
      ...validateSans(local.serverCertSANs, 'etcd.local.serverCertSANs'),
      ...validateSans(local.peerCertSANs, 'etcd.local.peerCertSANs'),
    ];
  }
  if (external === undefined)
    return [invalid('etcd', '', 'either .Etcd.Local or .Etcd.External is required')];
  const { endpoints, httpEndpoints, caFile, certFile, keyFile } = external;
  const httpsNeeded = caFile !== '' || certFile !== '' || keyFile !== '';
  return [
    ...(certFile !== '' && keyFile !== '' && caFile === ''
      ? [invalid('etcd.external', caFile, 'setting certFile and keyFile requires caFile')]
      : []),
    ...((certFile === '') !== (keyFile === '')
      ? [invalid('etcd.external', '', 'either both or none of certFile and keyFile must be set')]
      : []),
    ...[
      ['caFile', caFile],
      ['certFile', certFile],
      ['keyFile', keyFile],
    ].flatMap(([name = '', value = '']) =>
      value === '' ? [] : validateAbsolute(value, `etcd.external.${name}`),
    ),
    ...(endpoints.length === 0
      ? [invalid('etcd.external.endpoints', '', 'at least one endpoint is required')]
      : []),
    ...endpoints.flatMap((url, index) => validateUrl(url, `etcd.external.endpoints[${index}]`, httpsNeeded)),
    ...httpEndpoints.flatMap((url, index) =>
      validateUrl(url, `etcd.external.httpEndpoints[${index}]`, false),
    ),
  ];
}

function validateUrl(text: string, path: string, httpsNeeded: boolean): readonly Finding[] {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1];
  if (scheme === undefined || !URL.canParse(text))
    return [invalid(path, text, 'must be a URL such as https://10.0.0.5:2379')];
  return httpsNeeded && scheme !== 'https'
    ? [invalid(path, text, 'the URL must be using the HTTPS scheme')]
    : [];
}

function validatePodSubnet(cluster: ClusterConfiguration): readonly Finding[] {
  const path = 'networking.podSubnet';
  const text = cluster.networking.podSubnet;
  const findings = validateSubnets(text, path, 14);
  const last = (name: string): string | undefined =>
    cluster.controllerManager.extraArgs.findLast((arg) => arg.name === name)?.value;
  if (findings.some(({ severity }) => severity === 'error') || last('allocate-node-cidrs') === 'false')
    return findings;
  const masks = parseSubnets(text).flatMap((subnet): readonly Finding[] => {
    const name = `node-cidr-mask-size-ipv${subnet.family}`;
    const given = last(name);
    if (given !== undefined && !/^[-+]?\d+$/.test(given)) {
      return [invalid('controllerManager.extraArgs', given, `${name} must be a whole number`)];
    }
    const mask = Number(given ?? (subnet.family === 4 ? 24 : 64));
    if (subnet.prefix > mask) {
      return [
        invalid(
          path,
          text,
          `the size of the node subnet is greater than that of the pod subnet ${subnet.text}: ${name} (${mask}) must be at least ${subnet.prefix}`,
        ),
      ];
    }
    return mask - subnet.prefix > 16
      ? [
          invalid(
            path,
            text,
            `the pod subnet mask and node mask differ by more than 16: ${subnet.text} and /${mask} (${name})`,
          ),
        ]
      : [];
  });
  return [...findings, ...masks];
}

function validateServiceSize(text: string): readonly Finding[] {
  return parseSubnets(text)
    .filter(({ family, prefix }) => (family === 4 ? 32 : 128) - prefix > 20)
    .map((subnet) =>
      invalid(
        'networking.serviceSubnet',
        subnet.text,
        `the service subnet is too large: the mask must be at least /${subnet.family === 4 ? 12 : 108}`,
      ),
    );
}

function parseSubnets(text: string): readonly CIDR[] {
  return text.split(',').flatMap((part) => parseCIDR(part.trim()) ?? []);
}

function validateSubnets(text: string, path: string, minimum: number): readonly Finding[] {
  const parts = text.split(',').map((part) => part.trim());
  const subnets = parseSubnets(text);
  if (subnets.length < parts.length) {
    const bad = parts.find((part) => parseCIDR(part) === undefined) ?? '';
    return [
      invalid(
        path,
        text,
        `couldn't parse subnet ${JSON.stringify(bad)}: must be a CIDR such as 10.244.0.0/16, or one IPv4 and one IPv6 separated by a comma`,
      ),
    ];
  }
  if (subnets.length > 2)
    return [
      invalid(
        path,
        text,
        'expected one (IPv4 or IPv6) CIDR or two CIDRs from each family for dual-stack networking',
      ),
    ];
  if (subnets.length === 2 && subnets[0]?.family === subnets[1]?.family) {
    return [
      invalid(
        path,
        text,
        'expected one (IPv4 or IPv6) CIDR or two CIDRs from each family for dual-stack networking',
      ),
    ];
  }
  const siteLocal = parseCIDR('fec0::/10');
  return subnets.flatMap((subnet): readonly Finding[] => {
    const bits = (subnet.family === 4 ? 32 : 128) - subnet.prefix;
    if (bits < 31 && 2 ** bits < minimum)
      return [
        invalid(
          path,
          text,
          `subnet is too small: it has ${2 ** bits} addresses, and needs at least ${minimum}`,
        ),
      ];
    const deprecated =
      subnet.family === 6 && siteLocal !== undefined && subnet.network >> 118n === siteLocal.network >> 118n;
    return deprecated
      ? [
          {
            severity: 'warning',
            message: `${subnet.text} overlaps with the deprecated site-local range fec0::/10`,
            place: { path },
          },
        ]
      : [];
  });
}

function validateEndpoint(endpoint: APIEndpoint, path: string): readonly Finding[] {
  const address = /^[\d.]+$/.test(endpoint.advertiseAddress)
    ? endpoint.advertiseAddress.replace(/(^|\.)0+(?=\d)/g, '$1')
    : endpoint.advertiseAddress;
  return [
    ...(parseIP(address) === undefined
      ? [invalid(`${path}.advertiseAddress`, endpoint.advertiseAddress, 'ip address is not valid')]
      : []),
    ...(endpoint.bindPort >= 1 && endpoint.bindPort <= 65_535
      ? []
      : [
          invalid(`${path}.bindPort`, endpoint.bindPort, 'port number is not valid: must be from 1 to 65535'),
        ]),
  ];
}

/** The key is a secret: it is never shown. */
function validateCertificateKey(key: string, path: string): readonly Finding[] {
  const wrong = (message: string): readonly Finding[] => [{ severity: 'error', message, place: { path } }];
  if (key === '') return [];
  if (!/^([0-9a-fA-F]{2})+$/.test(key))
    return wrong('certificate key is not hexadecimal: 64 characters 0-9 and a-f are needed');
  return key.length === 64
    ? []
    : wrong(`invalid certificate key size: it has ${key.length / 2} bytes, and must have 32 (64 characters)`);
}

function validateHostPort(text: string, path: string): readonly Finding[] {
  if (text === '') return [];
  const { host, port } = splitHostPort(text) ?? { host: text.replace(/^\[|\]$/g, ''), port: undefined };
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) {
    return [invalid(path, text, `port ${JSON.stringify(port)} is not valid: must be from 1 to 65535`)];
  }
  return parseIP(host) !== undefined || isDnsName(host)
    ? []
    : [invalid(path, text, 'must be an IP address or a DNS name in lower case, with or without a port')];
}

function validateSans(names: readonly string[], path: string): readonly Finding[] {
  return names.flatMap((name, index) =>
    parseIP(name) !== undefined || isDnsName(name) || (/^\*\./.test(name) && isDnsName(name.slice(2)))
      ? []
      : [
          invalid(
            `${path}[${index}]`,
            name,
            'altname is not a valid IP address, DNS label or a DNS label with subdomain wildcards',
          ),
        ],
  );
}

function validateArgs(args: readonly Arg[], path: string): readonly Finding[] {
  return args.flatMap((arg, index) =>
    arg.name === ''
      ? [invalid(`${path}[${index}].name`, '', 'the argument has no name: write name and value')]
      : [],
  );
}

function validateSocket(socket: string, path: string): readonly Finding[] {
  if (socket === '') return [required(path, 'a CRI socket is required')];
  return socket.startsWith('unix:')
    ? []
    : [
        invalid(
          path,
          socket,
          'only URL scheme "unix" is supported, as in unix:///run/containerd/containerd.sock',
        ),
      ];
}

function validateAbsolute(text: string, path: string): readonly Finding[] {
  return text.startsWith('/') ? [] : [invalid(path, text, 'path is not absolute')];
}

function validateRepository(text: string, path: string): readonly Finding[] {
  const host =
    '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[0-9a-fA-F:]+\\])(?::\\d+)?';
  const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  const pattern = new RegExp(`^(?:${host}/)?${part}(?:/${part})*$`);
  return text === '' || pattern.test(`${text}/name`)
    ? []
    : [invalid(path, text, 'invalid image repository format')];
}

function validateName(text: string, path: string): readonly Finding[] {
  return isDnsName(text)
    ? []
    : [
        invalid(
          path,
          text,
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        ),
      ];
}

function validateDomain(text: string, path: string): readonly Finding[] {
  return isDnsName(text)
    ? []
    : [invalid(path, text, 'must be a DNS name in lower case such as cluster.local')];
}

function isDnsName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}

function invalid(path: string, value: string | number, message: string): Finding {
  return {
    severity: 'error',
    message: `Invalid value: ${JSON.stringify(value)}: ${message}`,
    place: { path },
  };
}

function required(path: string, message: string): Finding {
  return { severity: 'error', message: `Required value: ${message}`, place: { path } };
}
