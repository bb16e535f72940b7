// Fails the build when the first load of the call page costs more than its budget of JavaScript.
//
// The first load is the entry with everything it imports statically, and the same for each lazy
// chunk that the call page needs (its name contains one of CALL_CHUNKS), and the texts of the
// one language that takes the most.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 200_000;
const CALL_CHUNKS = /(^|\/)features\/(call|prejoin|preJoin)\//;
const TEXTS = /(^|\/)i18n\/(en|zh-CN)\.ts$/;

const dist = join(dirname(fileURLToPath(import.meta.url)), "../../src/salon/web_dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

const needed = new Set();
function need(key) {
  const chunk = manifest[key];
  if (!chunk || needed.has(key)) return;
  needed.add(key);
  for (const child of chunk.imports ?? []) need(child);
}
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry || CALL_CHUNKS.test(key)) need(key);
}

const sizeOf = (key) => gzipSync(readFileSync(join(dist, manifest[key].file)), { level: 9 }).length;
const texts = Object.keys(manifest).filter((key) => TEXTS.test(key));
if (texts.length !== 2) {
  console.error(`The texts of two languages were expected as chunks of their own, found: ${texts.join(", ") || "none"}.`);
  process.exit(1);
}
need(texts.reduce((one, other) => (sizeOf(one) >= sizeOf(other) ? one : other)));

let total = 0;
for (const key of needed) {
  const { file } = manifest[key];
  if (!file.endsWith(".js")) continue;
  const size = sizeOf(key);
  total += size;
  console.log(`${(size / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  JavaScript of the call page's first load, gzipped (limit ${BUDGET_BYTES / 1000})`);
if (total === 0) {
  console.error("No entry found in the build's manifest.");
  process.exit(1);
}
if (total > BUDGET_BYTES) {
  console.error("The first load is over its budget. Load later what the call page does not need at once.");
  process.exit(1);
}
