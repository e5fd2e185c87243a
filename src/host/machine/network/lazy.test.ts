import { expect, test } from 'vitest';

import { EtcdError } from '../../../errors.ts';
import { lazyCri, lazyEtcd } from './lazy.ts';

test('the error names an endpoint that is not a URL, and closing an unused client is not an error', async () => {
  const client = lazyEtcd(['nonsense'], undefined);
  await expect(client.memberList()).rejects.toThrow(EtcdError);
  await expect(client.memberRemove('1')).rejects.toThrow('the etcd endpoint "nonsense" is not a URL');
  // A rejection that nobody handles would fail this file.
  client.close();
  lazyEtcd(['https://127.0.0.1:1'], undefined).close();
  lazyCri('unix:///nonexistent.sock').close();
  await new Promise((resolve) => setImmediate(resolve));
});
