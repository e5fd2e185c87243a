import { expect, test } from 'vitest';
import { facts } from '../facts.fixture.ts';
import { wordRemedy } from '../remedy.ts';
import { imageMissing } from './image-missing.ts';

const image = 'registry.k8s.io/kube-apiserver:v9.9.9';
const message = 'failed to pull and unpack image: not found';
const pull = { image, message, never: false, at: 3000 };

test('the rule for missing images names the image and the answer, and asks for a pull to prove it', () => {
  const [found] = imageMissing.find(facts({ elapsedMs: 9000, pulls: [pull], absentImages: [image] }));
  expect(found).toMatchObject({
    code: 'image-missing',
    component: 'kube-apiserver',
    summary: `the image ${image} is not on this node and cannot be pulled: failed to pull and unpack image: not found`,
    evidence: [message],
    unlessPulled: image,
  });
});

/** Messages of containerd 1.7 and 2.1 and of CRI-O. */
test.each([
  [
    `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: Head "https://registry.k8s.io/v2/kube-apiserver/manifests/v9.9.9": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    'Head "https://registry.k8s.io/v2/kube-apiserver/manifests/v9.9.9": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    `failed to pull and unpack image "${image}": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry.k8s.io/v2/x: 429 Too Many Requests`,
    'unexpected status code https://registry.k8s.io/v2/x: 429 Too Many Requests',
  ],
  [
    `failed to pull and unpack image "${image}": failed to resolve reference "${image}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  ],
  [
    'reading manifest v9.9.9 in registry.k8s.io/kube-apiserver: manifest unknown',
    'reading manifest v9.9.9 in registry.k8s.io/kube-apiserver: manifest unknown',
  ],
])('the first line has the answer of the registry in %s', (text, reason) => {
  const pulls = [{ ...pull, message: text }];
  const [found] = imageMissing.find(facts({ elapsedMs: 9000, pulls, absentImages: [image] }));
  expect(found?.summary).toBe(`the image ${image} is not on this node and cannot be pulled: ${reason}`);
});

test('the rule for missing images asks for no pull where nobody may pull', () => {
  const never = { ...pull, never: true };
  const [found] = imageMissing.find(facts({ elapsedMs: 9000, pulls: [never], absentImages: [image] }));
  expect(found).not.toHaveProperty('unlessPulled');
  expect(found && wordRemedy(found.remedy, 'init').text).toContain('imagePullPolicy');
});

test('the rule for missing images gives the kubelet time, and sees an image that has come', () => {
  expect(imageMissing.find(facts({ elapsedMs: 7900, pulls: [pull], absentImages: [image] }))).toEqual([]);
  expect(imageMissing.find(facts({ elapsedMs: 60_000, pulls: [pull] }))).toEqual([]);
});
