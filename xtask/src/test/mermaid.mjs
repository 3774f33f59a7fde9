// node mermaid.mjs MERMAID JSDOM FILE...
//
// Reads each file with Mermaid's parser, from the folders of the two packages. Mermaid cleans its
// labels with the help of a document, which jsdom stands in for.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [mermaidFolder, jsdomFolder, ...files] = process.argv.slice(2);
const { JSDOM } = createRequire(import.meta.url)(jsdomFolder);
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const entry = pathToFileURL(join(mermaidFolder, "dist/mermaid.core.mjs"));
const { default: mermaid } = await import(entry);

for (const file of files) {
  try {
    const { diagramType } = await mermaid.parse(readFileSync(file, "utf8"));
    if (diagramType !== "sequence") throw new Error(`it is taken for a diagram of type ${diagramType}`);
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    process.exitCode = 1;
  }
}
