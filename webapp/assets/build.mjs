// Bundles every file that lies directly in src/ into ../static/build; src/lib/ holds what they share.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, '..', 'static', 'build');

// The icon font comes in five formats; every browser we support reads woff2.
const onlyWoff2 = {
  name: 'only-woff2',
  setup(context) {
    context.onLoad({ filter: /bpmn-font\/css\/bpmn\.css$/ }, ({ path: file }) => {
      const face = /@font-face \{[\s\S]*?\}/;
      const css = fs.readFileSync(file, 'utf8');
      if (!face.test(css)) throw new Error(`no @font-face in ${file}`);
      const rule = "@font-face{font-family:'bpmn';src:url('../font/bpmn.woff2') format('woff2');font-weight:normal;font-style:normal}";
      return { loader: 'css', contents: css.replace(face, rule) };
    });
  },
};

const entries = fs.readdirSync(path.join(here, 'src'))
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => path.join('src', name));

// esbuild has told what is wrong, with file and line, before it fails: nothing to add.
const result = await build({
  absWorkingDir: here,
  entryPoints: entries,
  outdir: out,
  entryNames: '[name]',
  assetNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  metafile: true,
  legalComments: 'external',
  loader: { '.woff2': 'file', '.svg': 'file' },
  plugins: [onlyWoff2],
  logLevel: 'warning',
}).catch(() => process.exit(1));

writeLicences(Object.keys(result.metafile.inputs));
removeLeftovers(Object.keys(result.metafile.outputs));

// The licence of every package that went into the bundles, as those licences ask.
function writeLicences(inputs) {
  const packages = new Set(inputs.map((file) => file.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean));
  const texts = [...packages].sort().map((folder) => {
    const name = fs.readdirSync(path.join(here, folder)).find((file) => /^licen[cs]e/i.test(file));
    const text = name ? fs.readFileSync(path.join(here, folder, name), 'utf8')
      : `Licence: ${JSON.parse(fs.readFileSync(path.join(here, folder, 'package.json'), 'utf8')).license}`;
    return `${folder.replace(/^.*node_modules\//, '')}\n\n${text.trim()}\n`;
  });
  fs.writeFileSync(path.join(out, 'LICENCES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

// Files of an earlier build that this one did not make.
function removeLeftovers(outputs) {
  const made = new Set([...outputs.map((file) => path.basename(file)), 'LICENCES.txt']);
  for (const name of fs.readdirSync(out)) {
    if (!made.has(name)) fs.rmSync(path.join(out, name), { recursive: true });
  }
}
