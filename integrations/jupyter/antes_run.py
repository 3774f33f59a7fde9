"""A run of Antes in a notebook, as an anywidget: ``AntesRun(src="https://.../antes/", scenario="leader-dies")``.

The traits are the parts of the page's address; ``state`` follows the run, ``tell`` sends it a message.
"""

import anywidget
import traitlets

_ESM = """
const PARTS = ["scenario", "profile", "seed", "t", "note", "do", "stamps", "lang", "theme", "type", "motion", "controls",
  "views", "narration", "log", "from", "to", "speed", "autoplay", "loop", "keys", "compare", "trace", "select", "zoom", "show"];

function render({ model, el }) {
  const place = new URL(model.get("src"), document.baseURI);
  place.searchParams.set("embed", "1");
  const parts = model.get("parts");
  for (const name of PARTS) if (parts[name] !== undefined) place.searchParams.set(name, String(parts[name]));
  const frame = document.createElement("iframe");
  frame.src = place.href;
  frame.title = model.get("title");
  frame.allow = "clipboard-write; fullscreen";
  frame.style.cssText = "width: 100%; border: 0";
  frame.height = model.get("height");
  const heard = ({ source, data }) => {
    if (source !== frame.contentWindow || typeof data?.antes !== "string") return;
    if (data.antes === "state" || data.antes === "ready") {
      model.set("state", data);
      model.save_changes();
    } else model.send(data);
  };
  const told = (message) => frame.contentWindow?.postMessage(message, "*");
  addEventListener("message", heard);
  model.on("msg:custom", told);
  el.append(frame);
  return () => {
    removeEventListener("message", heard);
    model.off("msg:custom", told);
  };
}
export default { render };
"""


class AntesRun(anywidget.AnyWidget):
    """A run in a frame. ``from`` is a word of Python: write ``from_``."""

    _esm = _ESM
    src = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode("A run of a distributed algorithm").tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)
    parts = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, src, *, height=560, title="A run of a distributed algorithm", **parts):
        named = {name.rstrip("_"): value for name, value in parts.items()}
        super().__init__(src=src, height=height, title=title, parts=named)

    def tell(self, name, **fields):
        """Sends a message of the table in docs/embedding.md, such as ``tell("seek", at="1.8s")``."""
        self.send({**fields, "antes": name})
