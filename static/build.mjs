// Copies what the pages need from node_modules into static/vendor and draws one sprite from the icons named in
// icons.txt. Run by `npm run build`; the folder it fills is not kept in git.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = new URL("./", import.meta.url);
const vendor = new URL("vendor/", here);
const modules = new URL("../node_modules/", here);

const COPIES = {
  "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "alpine-csp.min.js": "@alpinejs/csp/dist/cdn.min.js",
  "sortable.min.js": "sortablejs/Sortable.min.js",
  "uplot.min.js": "uplot/dist/uPlot.iife.min.js",
  "uplot.min.css": "uplot/dist/uPlot.min.css",
  "fonts/inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-opsz-normal.woff2",
  "fonts/inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-opsz-normal.woff2",
  "fonts/jetbrains-mono-latin.woff2": "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
};

async function copyFiles() {
  for (const [name, source] of Object.entries(COPIES)) {
    await cp(new URL(source, modules), new URL(name, vendor));
  }
  // The source map is not shipped, and the manifest of hashed names must not look for it.
  const css = new URL("tabler.min.css", vendor);
  await writeFile(css, (await readFile(css, "utf8")).replace(/\/\*# sourceMappingURL=.*?\*\//g, ""));
}

async function symbolOf(name) {
  const svg = await readFile(new URL(`@tabler/icons/icons/outline/${name}.svg`, modules), "utf8");
  const shapes = svg
    .slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
    .replace(/<path stroke="none"[^>]*\/>/g, "") // the invisible square around each icon
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
}

async function drawSprite() {
  const names = (await readFile(new URL("icons.txt", here), "utf8")).split(/\s+/).filter(Boolean);
  const symbols = await Promise.all(names.map(symbolOf));
  await writeFile(
    new URL("icons.svg", vendor),
    `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
  );
  return names.length;
}

await rm(vendor, { recursive: true, force: true });
await mkdir(new URL("fonts/", vendor), { recursive: true });
await copyFiles();
const count = await drawSprite();
console.log(`${fileURLToPath(vendor)}: ${Object.keys(COPIES).length} files and ${count} icons`);
