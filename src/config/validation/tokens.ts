import { formatDuration } from '../../lib/go/duration.ts';
import type { Finding } from '../findings/finding.ts';
import type { BootstrapToken } from '../hub.ts';
import { checkToken, invalid } from './values.ts';

const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const knownUsages = ['signing', 'authentication'];

/** The entry's path has a dot before its number, as upstream's. */
export function validateBootstrapToken(token: BootstrapToken, index: number): readonly Finding[] {
  const path = `bootstrapTokens.${index}`;
  const unknown = token.usages.filter((usage) => !knownUsages.includes(usage));
  return [
    ...checkToken(token.token, `${path}.token`),
    ...(unknown.length > 0
      ? [
          invalid(
            `${path}.usages`,
            token.usages.join(','),
            `invalid bootstrap token usage ${unknown.join(', ')}: allowed are ${knownUsages.join(', ')}`,
          ),
        ]
      : []),
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
    ...(token.ttl !== undefined && token.ttl < 0
      ? [
          invalid(
            `${path}.ttl`,
            formatDuration(token.ttl),
            'no time to come: write a duration such as 24h0m0s, or 0 for a token that is valid for ever',
          ),
        ]
      : []),
    ...(token.ttl !== undefined && token.expires !== undefined
      ? [
          invalid(
            `${path}.expires`,
            token.expires,
            'ttl and expires are mutually exclusive, and ttl is 24h where the file leaves it out: write ttl only',
          ),
        ]
      : []),
  ];
}
