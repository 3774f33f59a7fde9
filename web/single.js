// Starts the page where all of it lies in one file, which `cargo xtask dist --single` writes. The program
// and the files that it fetches later are in data blocks of the page, compressed with LZMA. Five letters stand
// for four bytes.
// So nothing is loaded, and the file runs from disk.
import init from "antes-program";
import { Decoder } from "lzma/decoder.js";
import { InputBuffer, OutputBuffer } from "lzma/streams.js";
import * as whole from "./whole.js";

const KINDS = { wasm: "application/wasm" };

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%()*+,-./:;=?@[]^_`{";

function from_letters(text) {
  const digits = new Map(Array.from(LETTERS, (letter, digit) => [letter, digit]));
  const bytes = new DataView(new ArrayBuffer((text.length / 5) * 4));
  for (let at = 0; at < text.length; at += 5) {
    let number = 0;
    for (let next = at; next < at + 5; next += 1) number = number * 85 + digits.get(text[next]);
    bytes.setUint32((at / 5) * 4, number);
  }
  return new Uint8Array(bytes.buffer);
}

// What a data block holds; nothing if there is none for this file.
function inside(file) {
  const block = document.querySelector(`script[data-file="${CSS.escape(file)}"]`);
  if (!block) return null;
  const bytes = from_letters(block.textContent);
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
