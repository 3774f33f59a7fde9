// Loads the whole program. web/boot.js loads this file if the address asks for a recording, if a file is
// dropped onto the page, or if a run is to be exported.
//
// The open files are kept in this browser only. So they survive a reload, and the change from one program to
// the other.

const SHELF = "recording";

// The names of the program's files, without their endings. antes-pack writes it here.
const STEM = "./antes-whole";

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

// Also keeps the origin of the page that handed the files over. No other page learns about them.
const put = (files, host) =>
  using("readwrite", (shelf) => (shelf.put(files, "files"), shelf.put(host ?? null, "host")));

// In a private window, Safari keeps no files, but it keeps their contents.
async function keep(files, host) {
  const contents = () => Promise.all([...files].map(async (file) => ({ name: file.name, bytes: await file.arrayBuffer() })));
  await put([...files], host).catch(async () => put(await contents(), host));
}

async function kept() {
  const files = await using("readonly", (shelf) => shelf.get("files"));
  return files?.map((file) => (file instanceof File ? file : new File([file.bytes], file.name)));
}

const host = () => using("readonly", (shelf) => shelf.get("host"));

// The parameters of the address that stay when a recording replaces a run.
const STAYS = ["embed", "controls", "views", "log", "keys", "lang", "theme", "type", "motion"];

// Shows these files, from any place of the page.
export async function show(files) {
  // If the browser keeps nothing, the program asks the user to choose the files again.
  await keep(files).catch(() => {});
  go_to("?trace&t=0");
}

// Shows a trace or a scenario that the page around this one hands over, unless it cannot be read.
export async function show_handed(text, origin) {
  await loaded();
  const kind = await new Promise((done, failed) => shared.check(text, (kind, reason) => (reason ? failed(reason) : done(kind))));
  await keep([new File([text], "text")], origin === "null" ? null : origin).catch((reason) => {
    throw `the browser keeps no file here: ${reason}`;
  });
  const before = new URLSearchParams(location.search);
  const stays = STAYS.filter((name) => before.has(name)).map((name) => `&${name}=${encodeURIComponent(before.get(name))}`);
  go_to((kind === "scenario" ? "?scenario=file" : "?trace&t=0") + stays.join(""));
}

function go_to(query) {
  location.assign(location.href.split(/[?#]/)[0] + query);
}

// The findings of regular expressions in a log: the place and the three groups of each event, one after the other, and
// whether the log ends before its text does, where the delimiter stands. It needs nothing of this file.
function found(source, delimiter, text, most) {
  const expression = new RegExp(source, "gm");
  let end = text.length;
  if (delimiter) {
    const first = text.matchAll(expression).next().value?.index ?? 0;
    for (const { index } of text.matchAll(new RegExp(delimiter, "gm"))) {
      if (index <= first) continue;
      end = index;
      break;
    }
  }
  const parts = [];
  for (const { index, groups } of text.slice(0, end).matchAll(expression)) {
    parts.push(index, groups.host ?? "", groups.clock ?? "", groups.event ?? "");
    if (parts.length > 4 * most) break;
  }
  return [parts, end < text.length];
}

// How long a log's own regular expressions may take, in milliseconds.
const SEARCH_MS = 5000;

// Searches a log with regular expressions. Those that a log brings along may take for ever, so they run in a worker,
// which is this file once more. The one file has no other file, and makes the worker of the function's text.
function search([source, delimiter, text, most], is_known) {
  if (is_known) return Promise.resolve(found(source, delimiter, text, most));
  return new Promise((done, failed) => {
    const address = globalThis.antes_inside
      ? URL.createObjectURL(new Blob([`onmessage = ({ data }) => postMessage((${found})(...data))`]))
      : new URL("./whole.js", document.baseURI).href;
    const worker = new Worker(address, globalThis.antes_inside ? {} : { type: "module" });
    const end = (settle) => (result) => {
      clearTimeout(late);
      worker.terminate();
      settle(result);
    };
    const late = setTimeout(end(failed), SEARCH_MS, "slow");
    worker.onmessage = ({ data }) => end(done)(data);
    worker.onerror = () => end(failed)("refused");
    worker.postMessage([source, delimiter, text, most]);
  });
}
if (!globalThis.document) globalThis.onmessage = ({ data }) => postMessage(found(...data));

// The interface between this file and the program, which adds "content" and "panel".
const shared = (globalThis.antes ??= { keep, kept, host, search });

// Adds the program's style sheet to the page, and returns its script and its WebAssembly file.
export function program() {
  const at = (end) => new URL(STEM + end, document.baseURI).href;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: at(".css") }));
  return [at(".js"), at("_bg.wasm")];
}

// Loads the whole program beside the small one, at most once. After a failure it can be tried again. Browsers
// remember that a module could not be loaded, so each further attempt has an address of its own.
let coming;
let failures = 0;
async function loaded() {
  if (shared.content) return;
  coming ??= (async () => {
    const [js, wasm] = program();
    const { default: init } = await import(js + (failures ? `?again=${failures}` : ""));
    await init({ module_or_path: wasm });
  })();
  try {
    await coming;
  } catch (reason) {
    coming = undefined;
    failures += 1;
    throw `the rest of the program could not be loaded (${reason}); try again`;
  }
}

// The run in another format: a text or a picture.
export async function content(request) {
  await loaded();
  return new Promise((done, failed) => shared.content(request, (content, reason) => (reason ? failed(reason) : done(content))));
}

const WORDS = {
  en: ["Picture or file of this run", "Close", "Loading…", "It could not be loaded. Close this, and try again."],
  pt: ["Figura ou arquivo desta execução", "Fechar", "Carregando…", "Não foi possível carregar. Feche isto e tente de novo."],
};

// Opens the panel with pictures and files of the run that this address names.
export async function panel(address) {
  const [title, close, loading, failed] = WORDS[document.documentElement.lang.startsWith("pt") ? "pt" : "en"];
  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const before = document.activeElement;
  const body = make("div", { className: "inside" }, make("p", { role: "status", textContent: loading }));
  const shut = make("button", { type: "button", textContent: close, onclick: () => dialog.close() });
  const head = make("header", {}, make("h2", { textContent: title, id: "away-title" }), shut);
  const dialog = make("dialog", { className: "sheet away" }, head, body);
  dialog.setAttribute("aria-labelledby", "away-title");
  // The run must not react to keys in the dialog.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => {
    dialog.remove();
    // The button that opened the dialog may have disappeared with its panel.
    const openers = [before, ...document.querySelectorAll("[data-action=share], [data-action=more]")];
    openers.find((it) => it?.isConnected && it !== document.body && it.checkVisibility?.())?.focus();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  try {
    await loaded();
    const leave = await new Promise((done) => shared.panel(address, done));
    // The user may have closed the dialog meanwhile.
    if (dialog.isConnected) dialog.addEventListener("close", leave);
    else leave();
  } catch (reason) {
    body.textContent = failed;
    throw reason;
  }
}
