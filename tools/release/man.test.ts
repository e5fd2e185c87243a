import { expect, test } from 'vitest';

import { root } from '../../src/cli/root.ts';
import { manPages } from './man.ts';

const options = { program: 'kubeadm', version: '1.2.3', date: '2026-11-24' };

test('each command that help lists has a page with its flags', async () => {
  const pages = await manPages(root, options);
  expect(pages.size).toBeGreaterThan(100);
  expect([...pages.keys()]).toEqual(
    expect.arrayContaining([
      'kubeadm.1',
      'kubeadm-init.1',
      'kubeadm-init-phase-certs-ca.1',
      'kubeadm-doctor.1',
    ]),
  );
  const list = pages.get('kubeadm-config-images-list.1') ?? '';
  expect(list).toContain(
    '.TH "KUBEADM-CONFIG-IMAGES-LIST" "1" "2026-11-24" "kubeadm 1.2.3" "Kubernetes"\n.ad l\n.SH NAME\n',
  );
  expect(list).toContain('\n.TP\n\\fB\\-o\\fR, \\fB\\-\\-output\\fR=\\fIstring\\fR\nOutput format.');
  expect(list).toContain('\n.SH GLOBAL OPTIONS\n.TP\n\\fB\\-\\-kubeconfig\\fR=\\fIstring\\fR\n');
  expect(list).toContain('\n.SH SEE ALSO\n.BR kubeadm\\-config\\-images (1)\n');
});

test('no line of a text is a request of roff', async () => {
  const requests = /^\.(?:TH|ad|SH|TP|PP|nf|fi|br|BR)(?: |$)/;
  for (const [name, text] of await manPages(root, options)) {
    const wrong = text.split('\n').filter((line) => /^[.']/.test(line) && !requests.test(line));
    expect({ name, wrong }).toEqual({ name, wrong: [] });
    expect(text.replaceAll(/\\(?:f[BIR]|[-e&]|\((?:aq|ga|ha|ti))/g, '')).not.toContain('\\');
  }
});

test('the pages have the name of the program that is installed', async () => {
  const pages = await manPages(root, { ...options, program: 'kubeadm-ts' });
  expect(pages.get('kubeadm-ts-certs.1')).toContain('.SH SYNOPSIS\n\\fBkubeadm\\-ts certs\\fR [command]\n');
});
