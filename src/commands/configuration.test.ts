import { describe, expect, test } from 'vitest';

import { configuration } from '../cli/command.fixture.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { runInit } from '../phases/init/run.ts';
import { migrateConfig, validateConfig } from './check-config.ts';
import { listImages } from './list-images.ts';
import { userKubeconfig } from './user-kubeconfig.ts';

const old = `apiVersion: kubeadm.k8s.io/v1beta3
kind: ResetConfiguration
`;

describe('checking a configuration with the library', () => {
  test('accepts a valid text', async () => {
    await expect(validateConfig(createMemoryHost(), { configText: configuration })).resolves.toBeUndefined();
  });

  test('names the place of a problem in a text', async () => {
    const configText = configuration.replace('v1.36.2', 'one');
    const validating = validateConfig(createMemoryHost(), { configText });
    await expect(validating).rejects.toThrow('configText: document 2, line 8, kubernetesVersion: ');
  });

  test('reports a deprecated version as an event, unless it is allowed', async () => {
    const configText = configuration.replaceAll('v1beta4', 'v1beta3').replace(/^encryption.*\n/m, '');
    const events: KubeadmEvent[] = [];
    const record = ({ event }: { readonly event: KubeadmEvent }) => void events.push(event);
    await validateConfig(createMemoryHost(), { configText }, { record });
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning' }));
    const before = events.length;
    await validateConfig(createMemoryHost(), { configText, allowDeprecated: true }, { record });
    expect(events).toHaveLength(before);
  });

  test('needs a configuration', async () => {
    await expect(validateConfig(createMemoryHost(), {})).rejects.toMatchObject({ code: 'usage' });
    const both = { configText: old, configPath: '/old' };
    await expect(migrateConfig(createMemoryHost(), both)).rejects.toMatchObject({ code: 'usage' });
  });

  test('returns the migrated documents as a secret', async () => {
    const configText = configuration.replaceAll('v1beta4', 'v1beta3').replace(/^encryption.*\n/m, '');
    const { text } = await migrateConfig(createMemoryHost(), { configText });
    expect(text.reveal()).toContain('apiVersion: kubeadm.k8s.io/v1beta4\n');
    expect(String(text)).toBe('[secret]');
  });
});

test('a program gets the images of a configuration', async () => {
  const images = await listImages(createMemoryHost(), { configText: configuration });
  expect(images).toContain('registry.k8s.io/kube-apiserver:v1.36.2');
});

test('the kubeconfig of a user is a secret', async () => {
  const host = createMemoryHost();
  await runInit(host, { configText: configuration, only: ['certs/ca'] });
  const { kubeconfig } = await userKubeconfig(host, { configText: configuration, name: 'dev' });
  expect(kubeconfig.reveal()).toContain('client-key-data: ');
  expect(JSON.stringify(kubeconfig)).toBe('"[secret]"');
});
