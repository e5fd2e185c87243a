/**
 * The parts of the runtime in the executable: Bun and the libraries that it links statically on Linux. Names and
 * licences are from Bun's LICENSE.md, and versions from the runtime itself.
 */
import { bun } from '../build.ts';
import { output } from './run.ts';

export interface RuntimePart {
  readonly name: string;
  /** The licence as an SPDX expression. */
  readonly license: string;
  readonly url: string;
  /** Its entry in process.versions. Without one, the version is not known. */
  readonly versionsKey?: string;
  /** The text is packaging/notices/runtime/<notice>.txt. Without it, only the licence and the address are available. */
  readonly notice?: string;
}

export const runtimeParts: readonly RuntimePart[] = [
  part(
    'JavaScriptCore (WebKit)',
    'LGPL-2.0-or-later',
    'https://github.com/oven-sh/WebKit',
    'webkit',
    'webkit',
  ),
  part(
    'BoringSSL',
    'Apache-2.0 AND OpenSSL AND ISC',
    'https://github.com/oven-sh/boringssl',
    'boringssl',
    'boringssl',
  ),
  part('brotli', 'MIT', 'https://github.com/google/brotli', '', 'brotli'),
  part('libarchive', 'BSD-2-Clause', 'https://github.com/libarchive/libarchive', 'libarchive', 'libarchive'),
  part('lol-html', 'BSD-3-Clause', 'https://github.com/cloudflare/lol-html', 'lolhtml'),
  part('ls-hpack', 'MIT', 'https://github.com/litespeedtech/ls-hpack', 'lshpack'),
  part('ls-qpack', 'MIT', 'https://github.com/litespeedtech/ls-qpack'),
  part('lsquic', 'MIT AND BSD-3-Clause', 'https://github.com/litespeedtech/lsquic'),
  part('mimalloc', 'MIT', 'https://github.com/microsoft/mimalloc', 'mimalloc', 'mimalloc'),
  part('picohttpparser', 'MIT', 'https://github.com/h2o/picohttpparser', 'picohttpparser'),
  part('zstd', 'BSD-3-Clause', 'https://github.com/facebook/zstd', 'zstd', 'zstd'),
  part('simdutf', 'Apache-2.0', 'https://github.com/simdutf/simdutf'),
  part('tinycc', 'LGPL-2.1-or-later', 'https://github.com/oven-sh/tinycc', 'tinycc', 'tinycc'),
  part('uSockets', 'Zlib', 'https://github.com/uNetworking/uSockets', 'usockets'),
  part('uWebSockets', 'Zlib', 'https://github.com/uNetworking/uWebSockets', 'uwebsockets'),
  part('zlib-ng', 'Zlib', 'https://github.com/zlib-ng/zlib-ng', 'zlib'),
  part('c-ares', 'MIT', 'https://github.com/c-ares/c-ares', 'ares', 'c-ares'),
  part('ICU', 'Unicode-3.0', 'https://github.com/unicode-org/icu', 'icu', 'icu'),
  part('libbase64', 'BSD-2-Clause', 'https://github.com/aklomp/base64'),
  part('libdeflate', 'MIT', 'https://github.com/ebiggers/libdeflate', 'libdeflate', 'libdeflate'),
  part(
    'libjpeg-turbo',
    'IJG AND BSD-3-Clause AND Zlib',
    'https://github.com/libjpeg-turbo/libjpeg-turbo',
    '',
    'libjpeg-turbo',
  ),
  part('libspng', 'BSD-2-Clause', 'https://github.com/randy408/libspng', '', 'libspng'),
  part('libwebp', 'BSD-3-Clause', 'https://github.com/webmproject/libwebp', '', 'libwebp'),
  part('highway', 'Apache-2.0', 'https://github.com/google/highway', '', 'highway'),
  part('uucode', 'MIT', 'https://github.com/jacobsandlund/uucode'),
  part('SQLite', 'blessing', 'https://www.sqlite.org/copyright.html', 'sqlite'),
  part('llhttp', 'MIT', 'https://github.com/nodejs/llhttp', 'llhttp'),
  part(
    'LLVM libc++abi (parts)',
    'Apache-2.0 WITH LLVM-exception',
    'https://github.com/llvm/llvm-project',
    '',
    'libcxxabi',
  ),
  part('acorn', 'MIT', 'https://github.com/acornjs/acorn', '', 'acorn'),
];

/** The process.versions of the runtime, which are releases or commits. */
export async function runtimeVersions(): Promise<Readonly<Record<string, string>>> {
  return JSON.parse(await output(bun, ['--print', 'JSON.stringify(process.versions)'])) as Record<
    string,
    string
  >;
}

function part(name: string, license: string, url: string, versionsKey = '', notice = ''): RuntimePart {
  return {
    name,
    license,
    url,
    ...(versionsKey === '' ? {} : { versionsKey }),
    ...(notice === '' ? {} : { notice }),
  };
}
