// Starts the program. A file of its own, because the page's policy allows no inline script.
//
// Guarantees about html[data-boot]: "loading" until the program has drawn its first picture, which
// then says "ready"; "failed", with the reason written under the sentence, when it could not be
// loaded or when it has stopped for good.
//
// An address with "trace" starts the other program, which shows recordings. A file that is dropped
// onto the page is one.

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
  document.getElementById("boot-reason").textContent = String(reason);
  document.getElementById("boot").setAttribute("role", "alert");
}

// A trap leaves the program in the middle of a step: nothing it would do afterwards is right.
addEventListener("error", (event) => {
  if (event.error instanceof WebAssembly.RuntimeError) fail(event.error);
});

const recording = () => import("./recording.js");

addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", async (event) => {
  event.preventDefault();
  const files = [...event.dataTransfer.files];
  if (files.length) (await recording()).show(files);
});

choose_language();
try {
  const url = (name) => document.querySelector(`link[data-boot="${name}"]`).href;
  const [js, wasm] = query.has("trace") ? (await recording()).program() : ["js", "wasm"].map(url);
  const { default: init } = await import(js);
  await init({ module_or_path: wasm });
} catch (reason) {
  fail(reason);
  throw reason;
}
