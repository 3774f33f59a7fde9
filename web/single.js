// Starts the page where all of it lies in one file, which `cargo xtask dist --single` writes. The program
// and the files that it fetches later are in data blocks of the page, compressed with LZMA and written in letters.
// So nothing is loaded, and the file runs from disk.
import init from "antes-program";
import { Decoder } from "lzma/decoder.js";
import { InputBuffer, OutputBuffer } from "lzma/streams.js";
import * as whole from "./whole.js";

const KINDS = { wasm: "application/wasm" };

// The letters of ASCII that a page keeps in a script element, as xtask/src/single.rs uses them.
const LETTERS = Array.from({ length: 128 }, (_, at) => String.fromCharCode(at)).filter((letter) => !"\0\r<".includes(letter));

// Two letters stand for 13 or 14 bits, as in basE91.
function from_letters(text) {
  const digits = new Map(LETTERS.map((letter, digit) => [letter, digit]));
  const bytes = new Uint8Array(text.length);
  let [count, first, queue, bits] = [0, -1, 0, 0];
  for (const letter of text) {
    const digit = digits.get(letter);
    if (first < 0) {
      first = digit;
      continue;
    }
    const pair = first + digit * 125;
    queue |= pair << bits;
    bits += (pair & 8191) > 7432 ? 13 : 14;
    for (; bits > 7; bits -= 8, queue >>>= 8) bytes[count++] = queue & 255;
    first = -1;
  }
  if (first >= 0) bytes[count++] = (queue | (first << bits)) & 255;
  return bytes.subarray(0, count);
}

// The bytes of a data block; nothing if there is none for this file.
function unpacked(file) {
  const block = document.querySelector(`script[data-file="${CSS.escape(file)}"]`);
  if (!block) return null;
  const bytes = from_letters(block.textContent);
  const out = new OutputBuffer(4 * bytes.length);
  new Decoder().decompress(new InputBuffer(bytes), out);
  return out.toArray();
}

function inside(file) {
  const bytes = unpacked(file);
  return bytes && new Response(bytes, { headers: { "content-type": KINDS[file] ?? "application/octet-stream" } });
}

// The policy allows this one style by its hash.
const style = document.createElement("style");
style.textContent = new TextDecoder().decode(unpacked("css"));
document.head.append(style);

const outside = self.fetch;
self.fetch = async (address, ...more) => inside(String(address).split("/").pop()) ?? outside(address, ...more);

// What web/boot.js asks for in place of files of its own. The program is the whole one.
self.antes_inside = {
  start: () => init({ module_or_path: inside("wasm") }),
  whole: async () => whole,
};
