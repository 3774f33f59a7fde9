// Starts the program. A file of its own, because the page's policy allows no inline script; and no
// module, because browsers run none of a page that was opened from disk.
//
// Guarantees about html[data-boot]: "loading" until the program has drawn its first picture, which
// then says "ready"; "failed", with the reason written under the sentence, when it could not be
// loaded or when it has stopped for good. html[data-why] then says "disk" or "sandbox" where that is
// the reason.
//
// An address with "trace" starts the other program, which shows recordings. A file that is dropped
// onto the page is one.
(() => {
  "use strict";
  const root = document.documentElement;
  const query = new URLSearchParams(location.search);

  function choose_language() {
    const asked = query.get("lang") ?? navigator.language ?? "";
    const lang = asked.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
    root.lang = lang;
    for (const part of document.querySelectorAll("#boot > [lang]")) part.hidden = part.lang !== lang;
  }

  function fail(reason) {
    root.dataset.boot = "failed";
    if (location.protocol === "file:") root.dataset.why = "disk";
    else if (self.origin === "null") root.dataset.why = "sandbox";
    document.getElementById("boot-reason").textContent = String(reason);
    document.getElementById("boot").setAttribute("role", "alert");
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

  const recording = () => import("./recording.js");

  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", async (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length) (await recording()).show(files);
  });

  async function start() {
    if (location.protocol === "file:") return fail(location.href);
    const url = (name) => document.querySelector(`link[data-boot="${name}"]`).href;
    try {
      const [js, wasm] = query.has("trace") ? (await recording()).program() : ["js", "wasm"].map(url);
      const program = counted(wasm);
      // Whoever waits for it hears of its failure.
      program.catch(() => {});
      const { default: init } = await import(js);
      await init({ module_or_path: program });
    } catch (reason) {
      fail(reason);
      throw reason;
    }
  }

  choose_language();
  start();
})();
