/** Compares the formats of `-o` with upstream's binary, byte for byte. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { tokenSecret } from '../../src/cluster/tokens.ts';
import { createMachineHost } from '../../src/host/machine/index.ts';
import { formatKubeconfig } from '../../src/kubeconfig/write.ts';
import { createServers, type Servers, startApiServer } from '../support/servers.ts';

const ours = path.resolve(import.meta.dirname, '../../dist/kubeadm');
const { programs } = await ensureComponents({ set: 'compare' });
const scratch = mkdtempSync(path.join(tmpdir(), 'kubeadm-output-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const goFile = path.join(scratch, 'go-template');
const jsonPathFile = path.join(scratch, 'jsonpath');
writeFileSync(goFile, 'go {{.kind}}\n');
writeFileSync(jsonPathFile, 'jsonpath {.kind}\n');

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns the results of upstream's binary and of this kubeadm. */
function both(args: readonly string[], env: Readonly<Record<string, string>> = {}): readonly [Ran, Ran] {
  const run = (program: string): Ran => {
    const { status, stderr, stdout } = spawnSync(program, args, {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...env },
    });
    return { code: status, stdout, stderr };
  };
  return [run(programs.kubeadm), run(ours)];
}

const list = ['config', 'images', 'list', '--kubernetes-version', 'v1.36.2'];

describe('config images list: both programs print the same for', () => {
  test.each([
    'kyaml',
    'KYAML',
    'jsonpath={}',
    'jsonpath={.}',
    'jsonpath={@}',
    'jsonpath=text',
    'jsonpath={.kind} {.images[0]} {.images[-1]} {.images[1:3]} {.images[::2]}',
    'jsonpath={range .images[*]}{@}{"\\n"}{end}',
    'jsonpath={range .images[*]}{@}',
    'jsonpath={range .missing[*]}{@}{end}.',
    "jsonpath={['kind','apiVersion']} {['kind']}",
    'jsonpath={.images[?(@=="registry.k8s.io/pause:3.10.2")]}',
    'jsonpath={.images[?(@>"registry.k8s.io/kube-proxy:v1.36.2")]}',
    'jsonpath={.missing}',
    'jsonpath-as-json={.images}{.kind}',
    'jsonpath-as-json={.images[*]}',
    'jsonpath-as-json={.missing}<&>',
    `jsonpath-file=${jsonPathFile}`,
    'go-template={{.}}',
    'go-template={{range .images}}{{.}}{{"\\n"}}{{end}}',
    'go-template={{range $i, $image := .images}}{{if $i}}, {{end}}{{$image}}{{end}}',
    'go-template={{len .images}} {{index .images 0}} {{slice .kind 0 2}} {{printf "%-10s|%q" .kind .apiVersion}}',
    'go-template={{with .missing}}x{{else}}none{{end}}{{.missing}}{{/* comment */}}',
    'go-template={{if and (eq .kind "Images") (gt (len .images) 3)}}  {{- " yes " -}}  {{end}}',
    'go-template={{define "line"}}- {{.}}{{end}}{{range .images}}{{template "line" .}}{{end}}',
    'go-template={{"SW1hZ2Vz" | base64decode | eq .kind}} {{exists . "images" 3}} {{exists . "nope"}}',
    `go-template-file=${goFile}`,
    'template={{.kind}}',
    `templatefile=${goFile}`,
  ])('-o %s', (format) => {
    const [theirs, mine] = both([...list, '-o', format]);
    expect(mine.stdout).toBe(theirs.stdout);
    expect({ code: mine.code, stderr: mine.stderr }).toEqual({ code: theirs.code, stderr: theirs.stderr });
  });
});

/** Returns the first line of an error, without what upstream adds to debug a template. */
function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.startsWith('error: ')) ?? '';
  return line.replace(/\. Printing more information for debugging the template:$/, '');
}

describe('config images list: both programs refuse', () => {
  test.each([
    ['xml'],
    [''],
    ['TEXT'],
    ['jsonpath'],
    ['jsonpath='],
    ['go-template'],
    ['go-template-file='],
    ['JSONPATH={.kind}'],
    ['name'],
    ['jsonpath={.kind'],
    ['jsonpath={.images[a]}'],
    ['jsonpath={.images[9]}'],
    ['jsonpath={.kind[0]}'],
    ['jsonpath={end}'],
    ['jsonpath={nope}'],
    ['jsonpath={.images[?(@.name=~"x")]}'],
    ['jsonpath={.kind[?(@.x)]}'],
    ['go-template={{.kind'],
    ['go-template={{nope}}'],
    ['go-template={{.kind.x}}'],
    ['go-template={{range .images}}{{.name}}{{end}}'],
    ['go-template={{index .images 99}}'],
    ['go-template={{template "nope"}}'],
    ['go-template={{end}}'],
    ['go-template={{.missing}}', '--allow-missing-template-keys=false'],
    ['jsonpath={.missing}', '--allow-missing-template-keys=false'],
  ])('-o %s', (format, ...more) => {
    const [theirs, mine] = both([...list, '-o', format, ...more]);
    expect(mine.code).toBe(1);
    expect(theirs.code).toBe(1);
    expect(firstLine(mine.stderr)).toBe(firstLine(theirs.stderr));
  });

  test('kyaml if KUBECTL_KYAML is false', () => {
    const [theirs, mine] = both([...list, '-o', 'kyaml'], { KUBECTL_KYAML: 'False' });
    expect(firstLine(mine.stderr)).toBe(firstLine(theirs.stderr));
    expect(mine.code).toBe(theirs.code);
  });
});

describe('token list against one API server', () => {
  let servers: Servers;
  const kubeconfigFile = path.join(scratch, 'admin.conf');

  beforeAll(async () => {
    servers = await createServers();
    const kubeconfig = await startApiServer(servers);
    writeFileSync(kubeconfigFile, formatKubeconfig(kubeconfig));
    const client = createMachineHost().kube(kubeconfig);
    const now = new Date('2026-01-02T03:04:05Z');
    const tokens = [
      {
        token: 'abcdef.0123456789abcdef',
        ttl: 3_600_000,
        usages: ['signing', 'authentication'],
        groups: ['system:bootstrappers:kubeadm:default-node-token'],
      },
      {
        token: 'fedcba.fedcba9876543210',
        description: 'a <b> & "c"\nof two lines',
        usages: [],
        groups: [],
      },
    ];
    for (const one of tokens) await client.create(tokenSecret(one, now));
    client.close();
  }, 300_000);
  afterAll(async () => await servers.close());

  test.each([
    'json',
    'yaml',
    'kyaml',
    'jsonpath={.token}',
    'jsonpath={.token} {.usages[*]} {.description} {.groups}{"\\n"}',
    'jsonpath={.usages[?(@=="signing")]}|',
    'jsonpath-as-json={.description}',
    'go-template={{.token}} {{.description}} {{.expires}} {{.usages}}{{"\\n"}}',
    'go-template={{range .usages}}{{.}},{{else}}none{{end}};',
  ])('both programs print the same for -o %s', (format) => {
    const [theirs, mine] = both(['token', 'list', '--kubeconfig', kubeconfigFile, '-o', format]);
    expect(mine.stdout).toBe(theirs.stdout);
    expect({ code: mine.code, stderr: mine.stderr }).toEqual({ code: theirs.code, stderr: theirs.stderr });
  });
});
