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
    summary: `the image ${image} is not on this node and cannot be pulled`,
    evidence: [message],
    unlessPulled: image,
  });
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
