// Starts the program. This is a file of its own, because the page's policy allows no inline script. It is no
// module, because browsers run no modules of a page that was opened from disk.
//
// It sets html[data-boot]. The value is "loading" until the program has drawn its first picture; the program
// then sets "ready". The value is "failed" if the program could not be loaded or has stopped for good. Then
// the reason stands below the sentence, html[data-why] names its kind if it is known, and the page around
// this one is told. index.html has a sentence for each kind.
//
// An address with "trace" or "compare" starts the whole program, which shows recordings and comparisons. An
// address with a scenario of the user's starts it too, and so does a file that is dropped or pasted onto the page.
(() => {
  "use strict";
  const root = document.documentElement;
  // Chat programs and content management systems turn "&" into "&amp;".
  const on_disk = location.protocol === "file:";
  const asked = (on_disk && location.hash.slice(1)) || location.search;
  const query = new URLSearchParams(asked.replaceAll("&amp;", "&"));
  // If the whole page is in one file, web/single.js provides everything that would be loaded.
  const inside = self.antes_inside;

  function choose_language() {
    const asked = query.get("lang") ?? navigator.language ?? "";
    const lang = asked.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
    root.lang = lang;
    for (const part of document.querySelectorAll("#boot > [lang]")) part.hidden = part.lang !== lang;
  }

  // The first picture is in the page already. It is shown if the program will open with the same moment.
  const first = document.getElementById("first");

  function opens_with_first() {
    if (inside || on_disk || [...query.keys()].some((key) => key !== "lang")) return false;
    // A page that comes back goes on where it was left: web/src/visit.rs, web/src/host/place.rs.
    if (parent !== self && self.name.startsWith("antes ")) return false;
    if (performance.getEntriesByType("navigation")[0]?.type === "navigate") return true;
    try {
      return !Object.keys(sessionStorage).some((key) => key.startsWith("antes"));
    } catch {
      return true;
    }
  }

  // Lays the page out as the program will: web/src/fit.rs, web/src/room.rs.
  function fit_first() {
    if (!first.isConnected) return;
    const unit = parseFloat(getComputedStyle(root).fontSize) / 16;
    const [width, height] = [root.clientWidth / unit, root.clientHeight / unit];
    const { wide, low, parts } = JSON.parse(first.dataset.fits);
    const layout = width >= wide[0] && height >= wide[1] ? "wide" : width > height * low ? "low" : "tall";
    const is_so = ([, side, length, below, only]) => (side === "width" ? width : height) < length === below && (!only || only === layout);
    root.dataset.fit = [layout, ...parts.filter(is_so).map(([token]) => token)].join(" ");
    const [top, bar] = [".top", ".transport"].map((part) => first.querySelector(part).offsetHeight);
    root.style.setProperty("--screen", `${Math.max(root.clientHeight - top - bar, 0)}px`);
    root.style.setProperty("--bar", `${bar}px`);
    for (const pane of first.querySelectorAll(".ring-surface, .chart")) draw_first(pane, pane.clientWidth / unit, pane.clientHeight / unit);
  }

  // The content of the drawings as they are in the page.
  const drawn = new Map();

  // Shows the drawing that is nearest in size, and moves its numbers as picture/src/first.rs says.
  function draw_first(pane, width, height) {
    const away = ({ dataset }) => dataset.drawn.split(" ").map((side, at) => (at ? height : width) - side);
    const far = (svg) => away(svg).reduce((sum, by) => sum + Math.abs(by), -1e4 * svg.dataset.from);
    const fitting = [...pane.children].filter(({ dataset }) => dataset.from <= width);
    const nearest = fitting.reduce((one, other) => (far(other) < far(one) ? other : one));
    for (const svg of pane.children) svg.toggleAttribute("hidden", svg !== nearest);
    if (!drawn.has(nearest)) drawn.set(nearest, nearest.innerHTML);
    const [wider, higher] = away(nearest);
    const moves = nearest.dataset.moves.split(" ").map((move) => move && move.split(","));
    let place = 0;
    nearest.innerHTML = drawn.get(nearest).replace(/-?\d+(?:\.\d+)?/g, (number) => {
      const move = moves[place++];
      return move ? (+number + (wider * move[0] + higher * move[1]) / 100).toFixed(1) : number;
    });
    nearest.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  // A click on Play is kept until the program can play.
  function keep_play() {
    const play = first.querySelector(".play");
    play.addEventListener("click", () => play.toggleAttribute("data-pressed"));
    // An element that is hidden from screen readers must not have the focus.
    play.addEventListener("mousedown", (event) => event.preventDefault());
    const changed = new MutationObserver(() => {
      if (root.dataset.boot === "loading") return;
      changed.disconnect();
      take_first_away();
      if (play.hasAttribute("data-pressed")) document.querySelector("#app .play")?.click();
    });
    changed.observe(root, { attributeFilter: ["data-boot"] });
  }

  function take_first_away() {
    first?.remove();
    root.dataset.first = "none";
  }

  function show_first() {
    if (!opens_with_first()) return take_first_away();
    root.dataset.first = "shown";
    first.hidden = false;
    for (const panel of first.querySelectorAll("details")) {
      try {
        panel.open = localStorage.getItem(`antes.${panel.classList[1]}`) === "open";
      } catch {}
    }
    fit_first();
    addEventListener("resize", fit_first);
    keep_play();
  }

  function fail(reason, why) {
    root.dataset.boot = "failed";
    take_first_away();
    const boot = document.getElementById("boot");
    if (why) root.dataset.why = why;
    for (const sentence of boot.querySelectorAll("[data-why]")) sentence.hidden = sentence.dataset.why !== why;
    document.getElementById("boot-reason").textContent = String(reason);
    boot.setAttribute("role", "alert");
    if (parent !== self) parent.postMessage({ antes: "error", of: "boot", reason: boot.innerText.trim() }, "*");
  }

  let forbidden = false;
  document.addEventListener("securitypolicyviolation", ({ blockedURI }) => (forbidden ||= blockedURI === "wasm-eval"));

  // The kind of the reason why the program could not be started. Undefined if it is unknown.
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

  // A trap stops the program in the middle of a step, so its state may be wrong.
  addEventListener("error", (event) => {
    if (event.error instanceof WebAssembly.RuntimeError) fail(event.error);
  });

  // On a slow connection, the number of bytes shows the progress.
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

  const LOADS_IT = inside ? "" : new URL("whole.js", document.currentScript.src).href;
  const NO_PART = "a further part of the program could not be loaded; expected whole.js beside the page";

  // Browsers remember that a module could not be loaded, so each further attempt has an address of its own.
  let failures = 0;
  async function whole() {
    if (inside) return inside.whole();
    try {
      return await import(LOADS_IT + (failures ? `?again=${failures}` : ""));
    } catch (reason) {
      failures += 1;
      console.warn(reason);
      throw NO_PART;
    }
  }

  const WORDS = {
    en: ["This needs a further part of Antes, which could not be loaded. Check the connection, and try again.", "Close"],
    pt: ["Isto precisa de mais uma parte do Antes, que não pôde ser carregada. Verifique a conexão e tente de novo.", "Fechar"],
  };

  // Tells the user that what was asked for needs the whole program, which is missing.
  function tell_of_missing_part() {
    const [sentence, close] = WORDS[root.lang.startsWith("pt") ? "pt" : "en"];
    const make = (tag, properties, ...children) => {
      const made = Object.assign(document.createElement(tag), properties);
      made.append(...children);
      return made;
    };
    const shut = make("button", { type: "button", textContent: close, onclick: () => dialog.close() });
    const dialog = make("dialog", { className: "sheet", onclose: () => dialog.remove() }, make("p", { textContent: sentence }), shut);
    dialog.dataset.missing = "whole";
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.querySelector("dialog[data-missing]")?.remove();
    document.body.append(dialog);
    dialog.showModal();
  }

  // Carries out what the user has asked of the whole program.
  async function with_whole(act) {
    let program;
    try {
      program = await whole();
    } catch (reason) {
      tell_of_missing_part();
      throw reason;
    }
    return act(program);
  }

  // Functions of the whole program, for the small one. The user opens the panel; a host asks for the content.
  self.antes_whole = (name, about) =>
    name === "panel" ? with_whole((program) => program.panel(about)) : whole().then((program) => program[name](about));

  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length) with_whole((program) => program.show(files));
  });
  // A copied file, or the copied text of a trace, a scenario, a figure or a log for ShiViz.
  addEventListener("paste", (event) => {
    if (event.target.closest?.("input, textarea")) return;
    const text = event.clipboardData.getData("text/plain");
    const files = [...event.clipboardData.files];
    if (!files.length && /^(\{"|[{#[(].*\n|\w[\w.]* *=.*\n|(.*\n)?\S+ \{")/.test(text.trimStart())) files.push(new File([text], "clipboard.txt"));
    if (files.length) with_whole((program) => program.show(files));
  });

  // The page around this one may hand over a trace or a scenario, which the whole program reads.
  addEventListener("message", async ({ source, origin, data }) => {
    const text = data?.trace ?? data?.toml;
    if (parent === self || source !== parent || typeof text !== "string" || data.antes !== "load") return;
    try {
      await (await whole()).show_handed(text, origin);
    } catch (reason) {
      parent.postMessage({ antes: "error", of: "load", id: data.id, reason: String(reason) }, "*");
    }
  });

  async function start() {
    if (on_disk && !inside) return fail(location.href, "disk");
    const url = (name) => document.querySelector(`link[data-boot="${name}"]`).href;
    let files = inside ? [] : ["js", "wasm"].map(url);
    try {
      if (inside) return await inside.start();
      if (query.has("trace") || query.has("compare") || /^file$|\.[^.]+$/.test(query.get("scenario"))) {
        files = [LOADS_IT];
        files = (await whole()).program();
      }
      const [js, wasm] = files;
      const program = counted(wasm);
      // The `await` below reports a failure. This only keeps browsers from reporting it as unhandled.
      program.catch(() => {});
      const { default: init } = await import(js);
      await init({ module_or_path: program });
    } catch (reason) {
      fail(reason, await why_failed(reason, ...files));
      throw reason;
    }
  }

  choose_language();
  show_first();
  start();
})();
