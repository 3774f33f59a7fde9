// What it takes to get to the program for recordings. web/boot.js loads it when the address asks for
// one, or when a file is dropped onto the page.
//
// The files that are open are kept in this browser alone, so that they outlive the change from one
// program to the other, and a reload.

const SHELF = "recording";

// What the files of the program are called, without their ends: antes-pack writes it here.
const STEM = "./antes-recording";

function opened() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("antes", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(SHELF);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function using(mode, act) {
  const base = await opened();
  try {
    return await new Promise((done, failed) => {
      const work = base.transaction(SHELF, mode);
      const asked = act(work.objectStore(SHELF));
      work.oncomplete = () => done(asked.result);
      work.onabort = () => failed(work.error);
    });
  } finally {
    base.close();
  }
}

// With the files, the origin of the page that handed them over: to no other one are they told of.
const put = (files, host) =>
  using("readwrite", (shelf) => (shelf.put(files, "files"), shelf.put(host ?? null, "host")));

// Safari keeps no file in a private window, but does keep what is in it.
async function keep(files, host) {
  const contents = () => Promise.all([...files].map(async (file) => ({ name: file.name, bytes: await file.arrayBuffer() })));
  await put([...files], host).catch(async () => put(await contents(), host));
}

async function kept() {
  const files = await using("readonly", (shelf) => shelf.get("files"));
  return files?.map((file) => (file instanceof File ? file : new File([file.bytes], file.name)));
}

const host = () => using("readonly", (shelf) => shelf.get("host"));

// What a recording has in its address of the run that was shown before.
const STAYS = ["embed", "controls", "views", "log", "keys", "lang", "theme", "type", "motion"];

// Shows these files, wherever on the page one is.
export async function show(files) {
  // Where the browser keeps nothing, the program says that they have to be chosen again.
  await keep(files).catch(() => {});
  location.search = "?trace&t=0";
}

// Shows a trace that the page around this one hands over.
export async function show_handed(text, origin) {
  await keep([new File([text], "trace.jsonl")], origin === "null" ? null : origin);
  const before = new URLSearchParams(location.search);
  const stays = STAYS.filter((name) => before.has(name)).map((name) => `&${name}=${encodeURIComponent(before.get(name))}`);
  location.search = `?trace&t=0${stays.join("")}`;
}

// The two files of the program, which finds what it needs of this one under "antes".
export function program() {
  const at = (end) => new URL(STEM + end, document.baseURI).href;
  globalThis.antes = { keep, kept, host };
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: at(".css") }));
  return [at(".js"), at("_bg.wasm")];
}
