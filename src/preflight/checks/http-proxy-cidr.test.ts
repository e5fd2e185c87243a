import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { httpProxyCidr } from './http-proxy-cidr.ts';

const environment = { https_proxy: 'proxy:3128', no_proxy: '10.96.0.0/12,.svc' };

test('the check HTTPProxyCIDR asks for the first address of the subnet', async () => {
  expect(httpProxyCidr('10.96.0.0/12').name).toBe('HTTPProxyCIDR');
  expect(await verdict(httpProxyCidr('10.96.0.0/12'), { environment })).toEqual(clean);
  const { errors, warnings } = await verdict(httpProxyCidr('10.244.0.0/16'), { environment });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('"10.244.0.0/16" uses proxy "http://proxy:3128"')]);
  expect((await verdict(httpProxyCidr('fd00::/108'), { environment })).warnings).toHaveLength(1);
});

test('the check HTTPProxyCIDR passes without a subnet and fails for a text that is not a subnet', async () => {
  expect(await verdict(httpProxyCidr(''), { environment })).toEqual(clean);
  expect((await verdict(httpProxyCidr('10.96.0.0'), { environment })).errors).toHaveLength(1);
});
