// Copies the pinned libraries from node_modules into assets/vendor: bare specifiers become
// relative ones (the browser gets no import map), source maps are dropped, and VENDOR.toml
// records version, sha256 and licence so that the build can refuse a changed file.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const target = join(here, '..', 'vendor');

/** Which file of which package becomes which vendored file. */
const FILES = [
  { to: 'preact.js', pkg: 'preact', from: 'dist/preact.mjs', types: 'preact' },
  { to: 'preact-hooks.js', pkg: 'preact', from: 'hooks/dist/hooks.mjs', types: 'preact/hooks' },
  { to: 'htm.js', pkg: 'htm', from: 'dist/htm.mjs', types: 'htm', typesDefault: true },
  {
    to: 'signals-core.js',
    pkg: '@preact/signals-core',
    from: 'dist/signals-core.mjs',
    types: '@preact/signals-core',
  },
  { to: 'signals.js', pkg: '@preact/signals', from: 'dist/signals.mjs', types: '@preact/signals' },
  {
    to: 'uplot.js',
    pkg: 'uplot',
    from: 'dist/uPlot.iife.min.js',
    types: 'uplot',
    typesDefault: true,
    append: '\nexport default uPlot;\n',
  },
  { to: 'uplot.css', pkg: 'uplot', from: 'dist/uPlot.min.css' },
];

const SPECIFIERS = new Map([
  ['preact', './preact.js'],
  ['preact/hooks', './preact-hooks.js'],
  ['@preact/signals-core', './signals-core.js'],
]);

/** @param {string} source */
function rewrite(source) {
  return source
    .replace(/(\bfrom\s*|\bimport\s*)"([^"./][^"]*)"/g, (_all, head, name) => {
      const path = SPECIFIERS.get(name);
      if (!path) throw new Error(`no vendored file for ${name}`);
      return `${head}"${path}"`;
    })
    .replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
}

mkdirSync(join(target, 'licences'), { recursive: true });
let toml = '# Written by assets/dev/vendor.mjs; the build refuses a file whose sha256 differs.\n';
for (const file of FILES) {
  const root = join(modules, ...file.pkg.split('/'));
  const info = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const text = rewrite(readFileSync(join(root, file.from), 'utf8')) + (file.append ?? '');
  writeFileSync(join(target, file.to), text);
  if (file.types) {
    const types = file.typesDefault
      ? `import it from '${file.types}';\nexport default it;\n`
      : `export * from '${file.types}';\n`;
    writeFileSync(join(target, file.to.replace(/\.js$/, '.d.ts')), types);
  }
  const licence = `licences/${file.pkg.replace('/', '-').replace('@', '')}.txt`;
  writeFileSync(join(target, licence), readFileSync(join(root, 'LICENSE'), 'utf8'));
  const sha256 = createHash('sha256').update(text).digest('hex');
  toml += `\n["${file.to}"]\npackage = "${file.pkg}"\nversion = "${info.version}"\n`;
  toml += `licence = "${info.license}"\nlicence_file = "${licence}"\nsha256 = "${sha256}"\n`;
}
writeFileSync(join(target, 'VENDOR.toml'), toml);
