// Starts the program. A file of its own, because the page's policy allows no inline script; and no
// module, because browsers run none of a page that was opened from disk.
//
// Guarantees about html[data-boot]: "loading" until the program has drawn its first picture, which
// then says "ready"; "failed", with the reason written under the sentence, when it could not be
// loaded or when it has stopped for good. html[data-why] then says which reason it is, where that is known:
// index.html has a sentence for each. The page around this one is told as well.
//
// An address with "trace" or "compare" starts the whole program, which shows recordings and comparisons. A file that is dropped
// or pasted onto the page is one.
(() => {
  "use strict";
  const root = document.documentElement;
  // Chat programs and content management systems escape what separates the parts.
  const on_disk = location.protocol === "file:";
  const asked = (on_disk && location.hash.slice(1)) || location.search;
  const query = new URLSearchParams(asked.replaceAll("&amp;", "&"));
  // Where all of the page lies in one file, web/single.js has all that would be loaded.
  const inside = self.antes_inside;

  function choose_language() {
    const asked = query.get("lang") ?? navigator.language ?? "";
    const lang = asked.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
    root.lang = lang;
    for (const part of document.querySelectorAll("#boot > [lang]")) part.hidden = part.lang !== lang;
  }

  function fail(reason, why) {
    root.dataset.boot = "failed";
    const boot = document.getElementById("boot");
    if (why) root.dataset.why = why;
    for (const sentence of boot.querySelectorAll("[data-why]")) sentence.hidden = sentence.dataset.why !== why;
    document.getElementById("boot-reason").textContent = String(reason);
    boot.setAttribute("role", "alert");
    if (parent !== self) parent.postMessage({ antes: "error", of: "boot", reason: boot.innerText.trim() }, "*");
  }

  let forbidden = false;
  document.addEventListener("securitypolicyviolation", ({ blockedURI }) => (forbidden ||= blockedURI === "wasm-eval"));

  // What is wrong with a program that could not be started.
  async function why_failed(reason, ...files) {
    if (forbidden || !self.WebAssembly || /Content.Security.Policy|\bCSP\b|by embedder|unsafe-eval/i.test(reason)) return "policy";
    for (const file of files) {
      const answer = await fetch(file).catch(() => null);
      if (!answer) return self.origin === "null" ? "sandbox" : "missing";
      if (!answer.ok) return "missing";
      const type = answer.headers.get("content-type") ?? "";
      if (type.includes("html")) return "html";
      if (file === files[0] && !/(java|ecma)script/.test(type)) return "type";
    }
  }

  // A trap leaves the program in the middle of a step: nothing it would do afterwards is right.
  addEventListener("error", (event) => {
    if (event.error instanceof WebAssembly.RuntimeError) fail(event.error);
  });

  // On a slow line, one sees that it comes.
  function tell(bytes) {
    for (const place of document.querySelectorAll(".boot-bytes")) place.textContent = `${Math.round(bytes / 1024)} kB`;
  }

  async function counted(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    if (!answer.body || !self.TransformStream) return answer;
    let bytes = 0;
    const count = new TransformStream({
      transform(part, further) {
        tell((bytes += part.byteLength));
        further.enqueue(part);
      },
    });
    return new Response(answer.body.pipeThrough(count), { headers: { "content-type": "application/wasm" } });
  }

  const whole = inside?.whole ?? (() => import("./whole.js"));
  // For the small program: what only the whole one can do.
  self.antes_whole = async (name, about) => (await whole())[name](about);

  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", async (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length) (await whole()).show(files);
  });
  // A file that was copied, or the text of a trace or a scenario.
  addEventListener("paste", async (event) => {
    if (event.target.closest?.("input, textarea")) return;
    const text = event.clipboardData.getData("text/plain");
    const files = [...event.clipboardData.files];
    if (!files.length && /^\s*([{#[]|\w[\w.]* *=).*\n/.test(text)) files.push(new File([text], "clipboard.txt"));
    if (files.length) (await whole()).show(files);
  });

  // The page around this one hands over a trace, which the whole program shows.
  addEventListener("message", async ({ source, origin, data }) => {
    if (parent === self || source !== parent || data?.antes !== "load" || typeof data.trace !== "string") return;
    try {
      await (await whole()).show_handed(data.trace, origin);
    } catch (reason) {
      parent.postMessage({ antes: "error", of: "load", id: data.id, reason: `the browser keeps no file here: ${reason}` }, "*");
    }
  });

  async function start() {
    if (on_disk && !inside) return fail(location.href, "disk");
    const url = (name) => document.querySelector(`link[data-boot="${name}"]`).href;
    let files = inside ? [] : ["js", "wasm"].map(url);
    try {
      if (inside) return await inside.start();
      if (query.has("trace") || query.has("compare")) files = (await whole()).program();
      const [js, wasm] = files;
      const program = counted(wasm);
      // Whoever waits for it hears of its failure.
      program.catch(() => {});
      const { default: init } = await import(js);
      await init({ module_or_path: program });
    } catch (reason) {
      fail(reason, await why_failed(reason, ...files));
      throw reason;
    }
  }

  choose_language();
  start();
})();
