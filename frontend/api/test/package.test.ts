/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const api = fileURLToPath(new URL('..', import.meta.url));

// A compiler takes seconds while the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

/** The folder of a project that has installed the package as npm would publish it. */
let project: string;
let packed: string[];

interface Packed {
  filename: string;
  files: { path: string }[];
}

function run(command: string, args: string[], cwd: string): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
      shell: process.platform === 'win32',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

/** Runs a version of the TypeScript compiler in the project. */
function tsc(args: string[], version = 'typescript'): string {
  return run('node', [join(api, `../node_modules/${version}/bin/tsc`), ...args], project);
}

function write(name: string, text: string): string {
  const file = join(project, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Lists the published sources. */
function sources(): string[] {
  return readdirSync(join(api, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && name !== 'runtime/main.ts');
}

const modules = ['core', 'event', 'go', 'mocks', 'webviewWindow', 'window'];

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'casement-package-'));
  run('npm', ['run', 'build'], api);
  // The workspace disables scripts.
  const [made] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', project], api),
  ) as Packed[];
  if (!made) throw new Error('nothing is packed');
  packed = made.files.map(({ path }) => path).sort();
  write('package.json', '{ "private": true, "type": "module" }');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${made.filename}`], project);
}, 60_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test('the package holds the sources and their build', () => {
  const built = sources()
    .map((name) => name.replace(/\.ts$/, ''))
    .flatMap((name) => ['.d.ts', '.d.ts.map', '.js', '.js.map'].map((end) => `dist/${name}${end}`));
  expect(packed).toEqual(
    [
      'LICENSE',
      'README.md',
      'package.json',
      ...sources().map((name) => `src/${name}`),
      ...built,
    ].sort(),
  );
});

test('the package has no dependencies', () => {
  const manifest = JSON.parse(readFileSync(join(api, 'package.json'), 'utf8')) as object;
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).not.toHaveProperty('peerDependencies');
  expect(Object.keys((manifest as { exports: object }).exports)).toEqual([
    '.',
    ...modules.map((name) => `./${name}`),
    './package.json',
  ]);
});

test('the public declarations lead to no internals', () => {
  const reached = new Set<string>();
  const follow = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    const text = readFileSync(join(api, `dist/${name}.d.ts`), 'utf8');
    for (const [, to = ''] of text.matchAll(/(?:from|import\() ?'(\.[^']+)\.js'/g)) {
      follow(posix.join(posix.dirname(name), to));
    }
  };
  follow('index');
  expect([...reached].sort()).toEqual(
    [
      ...[
        'core',
        'error',
        'event',
        'go',
        'index',
        'shellevents.gen',
        'sink',
        'webviewWindow',
        'window',
      ],
      ...['mocks/index', 'mocks/go', 'mocks/streams'],
    ].sort(),
  );
});

describe.each([
  ['typescript-5.6', 'node10'],
  ['typescript-5.6', 'bundler'],
  ['typescript-5.6', 'nodenext'],
  ['typescript-6.0', 'bundler'],
  ['typescript', 'bundler'],
  ['typescript', 'nodenext'],
])('with %s, its types', (version, moduleResolution) => {
  const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext';
  const how = [
    '--module',
    module,
    '--moduleResolution',
    moduleResolution,
    '--skipLibCheck',
    'false',
  ];
  const strict = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom'];

  test(`are found by way of ${moduleResolution}, and need no newer library`, () => {
    const file = write(
      `types-${version}-${moduleResolution}.ts`,
      `import { core, event as events } from '@casement/api';
     import { Channel, invoke, IpcError, Sink } from '@casement/api/core';
     import { type Event, listen } from '@casement/api/event';
     import type { ByteSink, Time } from '@casement/api/go';
     import { mockIPC } from '@casement/api/mocks';
     import { getCurrentWebviewWindow, WebviewWindow } from '@casement/api/webviewWindow';
     import { getCurrentWindow } from '@casement/api/window';
     const sum: Promise<number> = invoke<number>('add', { a: 1 });
     export const all = [sum, new Channel<Time>(), IpcError, Sink, mockIPC, WebviewWindow];
     export const title: Promise<void> = getCurrentWindow().setTitle('t');
     export const same: string = getCurrentWebviewWindow().label;
     export const sink: ByteSink = new core.Sink<Uint8Array>();
     export const chunks: ReadableStream<Uint8Array> = new Channel<ArrayBuffer>().readable;
     export const emitted: Promise<void> = events.emit('x');
     void listen<string>('x', (event: Event<string>) => event.payload.length);
     // @ts-expect-error -- a title is a text
     void getCurrentWindow().setTitle(1);`,
    );
    expect(tsc([...strict, ...how, file], version)).toBe('');
  });
});

/** Bundles a page's script and returns which of the package's files are in it. */
async function bundled(text: string): Promise<{ files: string[]; code: string }> {
  const result = await build({
    stdin: { contents: text, resolveDir: project, sourcefile: 'page.js' },
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    metafile: true,
    write: false,
    minifySyntax: true,
  });
  const [output] = Object.values((result.metafile as Metafile).outputs);
  const files = Object.entries(output?.inputs ?? {})
    .filter(([name, { bytesInOutput }]) => bytesInOutput > 0 && name.includes('node_modules'))
    .map(([name]) => name.replace(/.*\/@casement\/api\/dist\//, ''));
  return { files: files.sort(), code: result.outputFiles[0]?.text ?? '' };
}

describe('a bundle', () => {
  test('holds what is used, and no more', async () => {
    const { files, code } = await bundled(
      `import { invoke } from '@casement/api/core'; console.log(invoke('x'));`,
    );
    expect(files).toEqual(['core.js', 'error.js', 'runtime.js']);
    expect(code).not.toMatch(/class \w*(Channel|Sink)/);
    expect(code.length).toBeLessThan(2000);
  });

  test.each(modules)('holds nothing of %s if nothing of it is used', async (name) => {
    const { files, code } = await bundled(`import '@casement/api/${name}';`);
    expect(files).toEqual([]);
    expect(code.trim()).toBe('');
  });

  test('has no mocks unless it asks for them', async () => {
    const { files } = await bundled(
      modules
        .filter((name) => name !== 'mocks')
        .map((name) => `export * as ${name} from '@casement/api/${name}';`)
        .join('\n'),
    );
    expect(files.filter((name) => name.startsWith('mocks') || name.includes('/'))).toEqual([]);
  });
});

test('importing does nothing', () => {
  const text = `
    const names = () => Reflect.ownKeys(globalThis).map(String).sort().join();
    const before = names();
    for (const name of ${JSON.stringify(modules)}) await import('@casement/api/' + name);
    if (names() !== before) throw new Error('there are new globals');`;
  expect(run('node', [write('import.mjs', text)], project)).toBe('');
});

/** What the examples take for granted. */
const given = `
  declare const path: string;
  declare const file: File;
  declare const unsaved: boolean;
  declare const bar: HTMLProgressElement;
  declare function afterEach(run: () => void): void;
  type Progress = { event: 'chunk'; data: { bytesRead: number } } | { event: 'finished' };
`;

test('the examples compile', () => {
  const imports = [
    ['core', 'core', 'IpcError', 'Sink'],
    ['event', 'event'],
    ['window', 'window'],
    ['mocks', 'mocks/index', 'MockChannel', 'MockSink'],
  ].map(([name, file, ...others]) => {
    const text = readFileSync(join(api, `dist/${file}.d.ts`), 'utf8');
    const own = [...text.matchAll(/^export declare (?:async )?(?:class|const|function) (\w+)/gm)];
    const names = [...new Set([...own.map(([, one]) => one), ...others])].join(', '); // Overloads repeat a name.
    return `import { ${names} } from '@casement/api/${name}';`;
  });
  const examples: string[] = [];
  for (const name of sources()) {
    const text = readFileSync(join(api, 'src', name), 'utf8');
    if (name === 'index.ts') continue; // Its example is an import, which the other tests have.
    const blocks = [...text.matchAll(/@example\n\s*\* ```ts\n([\s\S]*?)\n\s*\* ```/g)];
    expect(blocks.length, `${name} has examples`).toBe(text.split('@example').length - 1);
    for (const [, block = ''] of blocks) {
      const code = block.replace(/^\s*\* ?/gm, '');
      examples.push(`// ${name}\nexport async function example${examples.length}() {\n${code}\n}`);
    }
  }
  expect(examples.length).toBeGreaterThan(15);
  write('examples.ts', [...imports, given, ...examples].join('\n'));
  write(
    'tsconfig.json',
    JSON.stringify({
      extends: join(api, '../tsconfig.base.json'),
      compilerOptions: { customConditions: [], noUnusedLocals: false },
      files: ['examples.ts'],
    }),
  );
  expect(tsc(['-p', '.'])).toBe('');
});
