import { formatDuration } from '../../lib/go/duration.ts';
import { defaultTokenTtl, defaultTokenUsages } from '../defaults.ts';
import type { Finding } from '../findings/finding.ts';
import type { BootstrapToken } from '../hub.ts';
import { checkToken, invalid } from './values.ts';

const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const shownTtl = formatDuration(defaultTokenTtl);

export function validateBootstrapToken(token: BootstrapToken, index: number): readonly Finding[] {
  const path = `bootstrapTokens[${index}]`;
  const unknown = token.usages.filter((usage) => !defaultTokenUsages.includes(usage));
  return [
    ...checkToken(token.token, `${path}.token`),
    ...(unknown.length > 0
      ? [
          invalid(
            `${path}.usages`,
            token.usages.join(','),
            `invalid bootstrap token usage ${unknown.join(', ')}: allowed are ${defaultTokenUsages.join(', ')}`,
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
            `it must not be negative: write a duration such as ${shownTtl}, or 0 for a token that does not expire`,
          ),
        ]
      : []),
    ...(token.ttl !== undefined && token.expires !== undefined
      ? [
          invalid(
            `${path}.expires`,
            token.expires,
            `ttl and expires are mutually exclusive, and ttl defaults to ${shownTtl}: write ttl only`,
          ),
        ]
      : []),
  ];
}
