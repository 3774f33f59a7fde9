// <antes-run scenario="leader-dies" from="1s" to="4s"></antes-run>
//
// A custom element that shows a run of Antes in a frame. It has no dependencies, and the page needs only
// this script: WebAssembly and its policy stay inside the frame. The frame is loaded when the element
// becomes visible; until then, its poster is shown. Attributes are the parameters of the address. Methods
// and events are the messages of docs/embedding.md.

(() => {
"use strict";

const PARTS = [
  "scenario", "profile", "seed", "t", "do", "stamps", "lang", "theme", "type", "motion", "controls",
  "autoplay", "speed", "from", "to", "loop", "views", "narration", "log", "keys", "note", "trace", "compare", "select", "zoom", "show",
];
// Attributes that may have no value, which means 1.
const SWITCHES = new Set(["autoplay", "loop"]);
const EVENTS = ["ready", "state", "event", "note", "violation", "end", "key", "resize", "export", "error", "answer"];
const PATIENCE_MS = 20_000;
const PING_MS = 250;

// The page is beside this script, unless an element names another address. This script is no module, because
// browsers load modules of another origin only if its server allows that.
const script = document.currentScript ?? document.querySelector('script[src*="antes-run"]');
const BESIDE = new URL("./", script?.src || document.baseURI).href;

const TEXTS = {
  en: {
    open: "Load the run",
    title: "A run of a distributed algorithm",
    silent: "The run could not be shown here: nothing answers at",
    failed: "The run could not be shown here:",
    visit: "Open it in a window of its own",
  },
  pt: {
    open: "Carregar a execução",
    title: "Uma execução de um algoritmo distribuído",
    silent: "A execução não pôde ser mostrada aqui: nada responde em",
    failed: "A execução não pôde ser mostrada aqui:",
    visit: "Abrir em uma janela própria",
  },
};

const STYLE = `
:host { display: block; position: relative; width: 100%; aspect-ratio: 900 / 560; max-width: 100%; }
:host([hidden]) { display: none; }
:host([auto-height]) { aspect-ratio: auto; }
iframe, .poster { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; }
.poster { padding: 0; font: 600 1rem system-ui, sans-serif; color: inherit; background: Canvas; cursor: pointer; }
.poster img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.poster span { position: relative; padding: 0.5em 1em; color: CanvasText; background: Canvas; border: 1px solid; border-radius: 0.5em; }
.told { position: absolute; inset: 0; display: grid; place-content: center; gap: 0.5em; padding: 1em; text-align: center;
  font: 1rem/1.4 system-ui, sans-serif; color: CanvasText; background: Canvas; overflow: auto; overflow-wrap: anywhere; }
[hidden] { display: none; }
`;

// Every policy allows a style sheet that is adopted like this. Some policies forbid a style element.
function dress(root) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
}

class AntesRun extends HTMLElement {
  static observedAttributes = [...PARTS, "src"];

  #frame = null;
  #poster = null;
  #told = null;
  #seen = null;
  #pinging = 0;
  #giving_up = 0;
  #is_ready = false;
  #waiting = [];
  #asked = 0;
  #answers = new Map();

  constructor() {
    super();
    dress(this.attachShadow({ mode: "open" }));
  }

  connectedCallback() {
    addEventListener("message", this.#heard);
    document.addEventListener("securitypolicyviolation", this.#refused);
    this.#draw_poster();
    if (this.getAttribute("loading") === "eager") return this.load();
    this.#seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.load();
    });
    this.#seen.observe(this);
  }

  disconnectedCallback() {
    removeEventListener("message", this.#heard);
    document.removeEventListener("securitypolicyviolation", this.#refused);
    this.#seen?.disconnect();
    this.#forget();
    this.shadowRoot.replaceChildren();
    this.#frame = this.#poster = this.#told = null;
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#frame) return;
    this.#forget();
    this.#frame.src = this.address;
    this.#wait();
  }

  // The address of the frame.
  get address() {
    const place = new URL(this.getAttribute("src") ?? BESIDE, document.baseURI);
    for (const name of PARTS) {
      const value = this.getAttribute(name);
      if (value !== null) place.searchParams.set(name, SWITCHES.has(name) && value === "" ? "1" : value);
    }
    if (!place.searchParams.has("embed")) place.searchParams.set("embed", "1");
    return place.href;
  }

  get ready() {
    return this.#is_ready;
  }

  // Loads the frame, unless it is there already.
  load() {
    if (this.#frame || !this.isConnected) return;
    this.#seen?.disconnect();
    const frame = document.createElement("iframe");
    frame.title = this.getAttribute("title") ?? this.getAttribute("aria-label") ?? this.#text.title;
    frame.allow = "clipboard-write; fullscreen";
    frame.referrerPolicy = "no-referrer";
    const sandbox = this.getAttribute("sandbox");
    if (sandbox !== null) frame.setAttribute("sandbox", sandbox);
    frame.src = this.address;
    this.#frame = frame;
    this.shadowRoot.append(frame);
    this.#wait();
  }

  // Sends a message of docs/embedding.md, as soon as the run has started.
  send(name, fields = {}) {
    if (!this.#is_ready) return void this.#waiting.push([name, fields]);
    this.#post(name, fields);
  }

  play() { this.send("play"); }
  pause() { this.send("pause"); }
  toggle() { this.send("toggle"); }
  step() { this.send("step"); }
  back() { this.send("back"); }
  seek(place) { this.send("seek", typeof place === "object" ? place : { at: place }); }
  speed(speed) { this.send("speed", { speed }); }
  act(verb) { return this.#ask("act", verb, "state"); }
  select(what) { this.send("select", what); }
  show(what) { this.send("load", typeof what === "string" ? { scenario: what } : what); }
  setLanguage(language) { this.send("setLanguage", { language }); }
  setTheme(theme) { this.send("setTheme", { theme }); }

  // The state of the run.
  getState() {
    return this.#ask("getState", {}, "state");
  }

  // The run as a text in one of the formats that docs/embedding.md lists.
  async export(format) {
    return (await this.#ask("export", { format }, "export")).content;
  }

  // Gives the focus to the run.
  focus() {
    this.load();
    this.#frame?.focus();
  }

  get #text() {
    const lang = (this.getAttribute("lang") ?? this.closest("[lang]")?.lang ?? navigator.language ?? "").toLowerCase();
    return TEXTS[lang.startsWith("pt") ? "pt" : "en"];
  }

  #draw_poster() {
    const poster = document.createElement("button");
    poster.type = "button";
    poster.className = "poster";
    const picture = this.getAttribute("poster");
    if (picture) {
      const image = document.createElement("img");
      image.src = picture;
      image.alt = this.getAttribute("title") ?? this.#text.title;
      poster.append(image);
    } else {
      const name = document.createElement("span");
      name.textContent = this.#text.open;
      poster.append(name);
    }
    poster.addEventListener("click", () => this.load());
    this.#poster = poster;
    this.shadowRoot.append(poster);
  }

  // The browser drops messages to a frame that does not listen yet. So the frame is pinged until it answers.
  #wait() {
    this.#pinging = setInterval(() => this.#post("ping"), PING_MS);
    this.#giving_up = setTimeout(() => this.#tell(`${this.#text.silent} ${this.address}`), PATIENCE_MS);
  }

  #forget() {
    clearInterval(this.#pinging);
    clearTimeout(this.#giving_up);
    this.#is_ready = false;
    this.#told?.remove();
    this.#told = null;
    for (const { fail } of this.#answers.values()) fail(new Error("the run has gone"));
    this.#answers.clear();
  }

  #post(name, fields = {}) {
    this.#frame?.contentWindow?.postMessage({ ...fields, antes: name }, "*");
  }

  #ask(name, fields, awaited) {
    const id = `run-${++this.#asked}`;
    return new Promise((done, fail) => {
      this.#answers.set(id, { awaited, done, fail });
      this.send(name, { ...fields, id });
      if (name === "act") this.send("getState", { id });
    });
  }

  #heard = ({ source, data }) => {
    if (!this.#frame || source !== this.#frame.contentWindow || typeof data?.antes !== "string") return;
    const { antes: name, ...detail } = data;
    if (name === "ready" || (name === "pong" && detail.ready)) this.#begin();
    this.#answer(name, detail);
    if (name === "error" && detail.of === "boot") this.#tell(`${this.#text.failed} ${detail.reason}`);
    if (name === "key" && detail.key === "Escape") this.#frame.blur();
    if (name === "resize" && this.hasAttribute("auto-height")) this.style.height = `${Number(detail.height)}px`;
    if (EVENTS.includes(name)) this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  };

  // The policy of the page may forbid frames of this origin.
  #refused = ({ effectiveDirective, blockedURI }) => {
    const is_frame = effectiveDirective === "frame-src" || effectiveDirective === "child-src";
    if (this.#frame && is_frame && this.address.startsWith(new URL(blockedURI).origin)) {
      this.#tell(`${this.#text.failed} Content-Security-Policy, ${effectiveDirective}.`);
    }
  };

  #begin() {
    clearInterval(this.#pinging);
    clearTimeout(this.#giving_up);
    this.#poster?.remove();
    this.#told?.remove();
    if (this.#is_ready) return;
    this.#is_ready = true;
    for (const [name, fields] of this.#waiting.splice(0)) this.#post(name, fields);
  }

  #answer(name, detail) {
    const asked = this.#answers.get(detail.id);
    if (!asked || (name !== asked.awaited && name !== "error")) return;
    this.#answers.delete(detail.id);
    if (name === "error") asked.fail(new Error(detail.reason));
    else asked.done(detail);
  }

  // Shows why the run cannot be shown, with a link to it.
  #tell(reason) {
    clearInterval(this.#pinging);
    clearTimeout(this.#giving_up);
    const told = document.createElement("div");
    told.className = "told";
    told.setAttribute("role", "alert");
    const sentence = document.createElement("span");
    sentence.textContent = reason;
    const way = document.createElement("a");
    way.href = this.address;
    way.target = "_blank";
    way.rel = "noopener";
    way.textContent = this.#text.visit;
    told.append(sentence, way);
    this.#told?.remove();
    this.#told = told;
    this.shadowRoot.append(told);
    this.dispatchEvent(new CustomEvent("error", { detail: { of: "boot", reason } }));
  }
}

if (!customElements.get("antes-run")) customElements.define("antes-run", AntesRun);
})();
