import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { httpProxy } from './http-proxy.ts';

const environment = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '10.0.0.0/24' };

test('the check HTTPProxy warns when the address is behind the proxy', async () => {
  expect(httpProxy('10.0.0.5').name).toBe('HTTPProxy');
  expect(await verdict(httpProxy('10.0.0.5'), { environment })).toEqual(clean);
  const { errors, warnings } = await verdict(httpProxy('10.0.1.5'), { environment });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/^Connection to "https:\/\/10\.0\.1\.5" uses proxy "http:\/\/proxy:3128"/),
  ]);
});

test('the check HTTPProxy asks for IPv6 with a port', async () => {
  const { warnings } = await verdict(httpProxy('fd00::5'), { environment });
  expect(warnings).toEqual([expect.stringContaining('"https://[fd00::5]:1234"')]);
  const exempt = { ...environment, NO_PROXY: '[fd00::5]:1234' };
  expect(await verdict(httpProxy('fd00::5'), { environment: exempt })).toEqual(clean);
});

test('warns of a malformed proxy, which would be asked all the same', async () => {
  const { warnings } = await verdict(httpProxy('10.0.1.5'), { environment: { HTTPS_PROXY: 'http://[::1' } });
  expect(warnings).toEqual([expect.stringContaining('uses proxy "http://http://[::1"')]);
});
