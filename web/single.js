// Starts the page where all of it lies in one file, which `cargo xtask dist --single` writes. The program
// and the files that it fetches later are in data blocks of the page, compressed with LZMA, in base64.
// So nothing is loaded, and the file runs from disk.
import init from "antes-program";
import { Decoder } from "lzma/decoder.js";
import { InputBuffer, OutputBuffer } from "lzma/streams.js";
import * as whole from "./whole.js";

const KINDS = { wasm: "application/wasm" };

// What a data block holds; nothing if there is none for this file.
function inside(file) {
  const block = document.querySelector(`script[data-file="${CSS.escape(file)}"]`);
  if (!block) return null;
  const bytes = Uint8Array.from(atob(block.textContent), (letter) => letter.charCodeAt(0));
  const unpacked = new OutputBuffer(4 * bytes.length);
  new Decoder().decompress(new InputBuffer(bytes), unpacked);
  return new Response(unpacked.toArray(), { headers: { "content-type": KINDS[file] ?? "application/octet-stream" } });
}

const outside = self.fetch;
self.fetch = async (address, ...more) => inside(String(address).split("/").pop()) ?? outside(address, ...more);

// What web/boot.js asks for in place of files of its own. The program is the whole one.
self.antes_inside = {
  start: () => init({ module_or_path: inside("wasm") }),
  whole: async () => whole,
};
