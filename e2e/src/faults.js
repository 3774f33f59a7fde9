// The body of a function that returns the faults of the current layout, one line each. It knows only boxes:
// which ones overlap, where text is cut off, and what must be scrolled sideways.
const faults = [];
const root = document.documentElement;
const [width, height] = [root.clientWidth, root.clientHeight];
const SLACK = 1.5;

const name = (element) => {
  const { action, about, node, message, event, invariant } = element.dataset ?? {};
  const handle = Object.entries({ action, about, node, message, event, invariant })
    .filter(([, value]) => value !== undefined).map(([key, value]) => `[${key}=${value}]`).join("");
  const kind = element.getAttribute("class")?.split(" ").filter(Boolean).slice(0, 2).map((one) => "." + one).join("") ?? "";
  return element.localName + kind + handle;
};
const quoted = (text) => `“${text.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
const is_shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const meet = (a, b, slack = SLACK) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;

// These elements cover the page on purpose. Each is compared only with elements of its own layer.
const LAYERS = "dialog[open], .menu, .notice, .skip:focus-within, .transport";
const layer = (element) => element.closest(LAYERS) ?? root;
const modal = document.querySelector("dialog[open]");
const counts = (element) => is_shown(element) && !element.closest(".sr-only, option, title") && (!modal || modal.contains(element));

// Whether this text is only for screen readers.
function is_heard_only(element) {
  for (let box = element; box; box = box.parentElement) if (getComputedStyle(box).clipPath === "inset(50%)") return true;
  return false;
}

// The rectangle to which an element clips its content. For a drawing inside another one, this is its
// viewport, not the box around its content.
function frame_of(box) {
  const outer = box.localName === "svg" && box.ownerSVGElement;
  if (!outer) return box.getBoundingClientRect();
  const { x, y, width, height } = Object.fromEntries(["x", "y", "width", "height"].map((side) => [side, box[side].baseVal.value]));
  const [start, end] = [[x, y], [x + width, y + height]].map(([x, y]) => new DOMPoint(x, y).matrixTransform(outer.getScreenCTM()));
  return { left: start.x, top: start.y, right: end.x, bottom: end.y };
}

// The rectangle in which an element is visible between its ancestors, and the first of them that scrolls.
function clip_of(element, first = element.parentElement) {
  const clip = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity, scrolls: null };
  for (let box = first; box && box !== root && box !== document.body; box = box.parentElement) {
    const style = getComputedStyle(box);
    const [x, y] = [style.overflowX, style.overflowY];
    const is_svg = box.localName === "svg" && x !== "visible";
    if (!is_svg && ((x === "visible" && y === "visible") || box.localName === "g" || style.display === "contents" || style.display === "inline")) continue;
    const own = frame_of(box);
    if (/auto|scroll/.test(y) || /auto|scroll/.test(x)) clip.scrolls ??= box;
    [clip.left, clip.right] = [Math.max(clip.left, own.left), Math.min(clip.right, own.right)];
    [clip.top, clip.bottom] = [Math.max(clip.top, own.top), Math.min(clip.bottom, own.bottom)];
  }
  return clip;
}

// 1. Nothing must be scrolled sideways. A page that must fit its window does not scroll at all.
const over = root.scrollWidth - width;
if (over > 0) faults.push(`the page is ${over} px too wide`);
const embedded = root.hasAttribute("data-embed");
const fixed = embedded || /\bwide\b/.test(root.dataset.fit ?? "");
if (fixed && root.scrollHeight - height > 1) faults.push(`the page is ${root.scrollHeight - height} px too high`);
for (const box of document.querySelectorAll("body *")) {
  if (!(box instanceof HTMLElement) || !counts(box)) continue;
  if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth - box.clientWidth > 1)
    faults.push(`${name(box)} has to be scrolled sideways by ${box.scrollWidth - box.clientWidth} px`);
}

// 2. The parts of the page do not overlap.
const parts = [".top", ".trouble", ".ring-surface", ".say", ".strip", ".verdict", ".space-time", ".why", ".log", ".transport"]
  .flatMap((css) => [...document.querySelectorAll(css)]).filter(counts);
for (const [place, a] of parts.entries())
  for (const b of parts.slice(place + 1)) {
    if (a.contains(b) || b.contains(a)) continue;
    if (!fixed && [a, b].some((part) => getComputedStyle(part).position === "sticky")) continue;
    if (meet(a.getBoundingClientRect(), b.getBoundingClientRect())) faults.push(`${name(a)} and ${name(b)} lie upon each other`);
  }

const seen = (rect, clip) => ({
  left: Math.max(rect.left, clip.left), right: Math.min(rect.right, clip.right),
  top: Math.max(rect.top, clip.top), bottom: Math.min(rect.bottom, clip.bottom),
});

// 3. No text is cut off by an ancestor or by the window.
const texts = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode;
  const element = text.parentElement;
  if (!text.data.trim() || !element || /^(SCRIPT|STYLE|NOSCRIPT|OPTION|TITLE)$/i.test(element.localName) || !counts(element) || is_heard_only(element)) continue;
  const range = document.createRange();
  range.selectNodeContents(text);
  const clip = clip_of(element, element);
  const drawn = element.closest(".diagram");
  for (const rect of range.getClientRects()) {
    if (rect.width < 1 || rect.height < 1) continue;
    if (clip.scrolls && (rect.bottom <= clip.top + SLACK || rect.top >= clip.bottom - SLACK)) continue;
    // Labels of the diagram move with the run and are cut off at its edges.
    if (drawn && element.closest("svg svg") && (rect.left < clip.left || rect.right > clip.right)) continue;
    const [lowest, highest] = clip.scrolls ? [-Infinity, Infinity] : [clip.top, clip.bottom];
    // The box of a line is higher than its letters.
    const spare = rect.height * 0.2 + SLACK;
    if (rect.left < Math.max(clip.left, 0) - SLACK || rect.right > Math.min(clip.right, width) + SLACK
      || rect.top < lowest - spare || rect.bottom > highest + spare)
      faults.push(`${quoted(text.data)} in ${name(element)} is cut off`);
    else texts.push({ text, element, rect: seen(rect, clip), layer: layer(element), spare });
  }
  const style = getComputedStyle(element);
  if (style.textOverflow === "ellipsis" && element.scrollWidth - element.clientWidth > 1) faults.push(`${quoted(text.data)} in ${name(element)} is cut short`);
}
for (const list of document.querySelectorAll("select")) {
  if (!counts(list)) continue;
  const style = getComputedStyle(list);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = list.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const text = list.selectedOptions[0]?.textContent.trim() ?? "";
  // A list shows the whole text when it is opened. A tooltip shows it as well.
  if (pen.measureText(text).width > room + SLACK && list.title !== text) faults.push(`${quoted(text)} is cut short in ${name(list)}`);
}

// 4. No texts overlap.
for (const [place, a] of texts.entries())
  for (const b of texts.slice(place + 1)) {
    if (a.text === b.text || a.layer !== b.layer) continue;
    const shrunk = ({ rect, spare }) => ({ left: rect.left, right: rect.right, top: rect.top + spare, bottom: rect.bottom - spare });
    if (meet(shrunk(a), shrunk(b))) faults.push(`${quoted(a.text.data)} in ${name(a.element)} and ${quoted(b.text.data)} in ${name(b.element)} lie upon each other`);
  }

// 5. Controls are large enough, inside the window, not covered, and do not overlap.
const CONTROLS = "button, a[href], select, input, summary, [role=button], [role=option]";
const controls = [...document.querySelectorAll(CONTROLS)].filter((control) => counts(control) && !control.closest("[data-message], [data-event]"));
const boxes = [];
for (const control of controls) {
  const rect = control.getBoundingClientRect();
  const clip = clip_of(control);
  if (clip.scrolls && (rect.bottom > clip.bottom + SLACK || rect.top < clip.top - SLACK)) continue;
  if (rect.width < 24 - 0.5 || rect.height < 24 - 0.5) faults.push(`${name(control)} is too small to hit: ${Math.round(rect.width)}×${Math.round(rect.height)}`);
  if (rect.left < -SLACK || rect.right > width + SLACK) faults.push(`${name(control)} leaves the window sideways`);
  if (fixed && (rect.top < -SLACK || rect.bottom > height + SLACK)) faults.push(`${name(control)} leaves the window`);
  boxes.push({ control, rect, layer: layer(control) });
  const [x, y] = [(rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2];
  if (x < 0 || y < 0 || x >= width || y >= height) continue;
  const hit = document.elementFromPoint(x, y);
  const fine = !hit || control.contains(hit) || hit.contains(control) || hit.closest("label")?.contains(control)
    || hit.closest("[data-message]") || (layer(hit) !== layer(control) && layer(hit) !== root);
  if (!fine) faults.push(`${name(control)} is covered by ${name(hit)}`);
}
const is_round = (control) => control.matches("[data-node], .more");
const gap = (a, b) => {
  const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];
  const [[ax, ay], [bx, by]] = [middle(a.rect), middle(b.rect)];
  return Math.hypot(ax - bx, ay - by) - Math.min(a.rect.width, a.rect.height) / 2 - Math.min(b.rect.width, b.rect.height) / 2;
};
for (const [place, a] of boxes.entries())
  for (const b of boxes.slice(place + 1)) {
    if (a.layer !== b.layer || a.control.contains(b.control) || b.control.contains(a.control)) continue;
    if (is_round(a.control) && is_round(b.control)) {
      // The button of a node is on the node's edge.
      const own = a.control.parentElement === b.control.parentElement;
      if (!own && gap(a, b) < -SLACK) faults.push(`${name(a.control)} and ${name(b.control)} lie upon each other`);
    } else if (meet(a.rect, b.rect)) faults.push(`${name(a.control)} and ${name(b.control)} lie upon each other`);
  }

// 6. The ring is on its surface, and the queue and the resource do not overlap nodes.
const surface = document.querySelector(".ring-surface");
if (surface && counts(surface)) {
  const frame = surface.getBoundingClientRect();
  for (const part of surface.querySelectorAll(".node .disc, .resource rect, .queue rect, .timer, .more .hit")) {
    const rect = part.getBoundingClientRect();
    if (rect.left < frame.left - SLACK || rect.right > frame.right + SLACK || rect.top < frame.top - SLACK || rect.bottom > frame.bottom + SLACK)
      faults.push(`${name(part)} of ${name(part.parentElement)} leaves the ring's surface`);
  }
  const discs = [...surface.querySelectorAll(".node .disc")].map((disc) => disc.getBoundingClientRect());
  for (const box of surface.querySelectorAll(".resource rect, .queue rect"))
    for (const disc of discs) {
      const rect = box.getBoundingClientRect();
      const [x, y, r] = [(disc.left + disc.right) / 2, (disc.top + disc.bottom) / 2, disc.width / 2];
      const [dx, dy] = [Math.max(rect.left - x, 0, x - rect.right), Math.max(rect.top - y, 0, y - rect.bottom)];
      if (Math.hypot(dx, dy) < r - SLACK) faults.push(`${name(box.parentElement)} lies upon a node`);
    }
}

// A notice must not cover the time controls or the nodes, since users need these next.
const notice = document.querySelector(".notice");
if (notice && counts(notice)) {
  const rect = notice.getBoundingClientRect();
  // On a page that has been scrolled, nodes may pass below the notice.
  const nodes = scrollY === 0 ? ", .node .disc" : "";
  for (const needed of document.querySelectorAll(".transport button, .transport input" + nodes))
    if (counts(needed) && meet(rect, needed.getBoundingClientRect())) faults.push(`the notice lies upon ${name(needed)}`);
  if (rect.bottom > height + SLACK || rect.top < -SLACK) faults.push("the notice leaves the window");
}

// 7. Text is large enough to read.
const least = root.dataset.type === "projector" ? 20 : 12.5;
for (const { element, text } of texts) {
  const scale = element.ownerSVGElement?.getScreenCTM()?.a ?? 1;
  const size = parseFloat(getComputedStyle(element).fontSize) * scale;
  if (size < least - 0.1) faults.push(`${quoted(text.data)} is too small to read: ${size.toFixed(1)} px`);
}
return [...new Set(faults)];
