// Tells the server of everything that a browser would show as an error on its console. Waits until it
// has heard it, so that a test sees it at its end.
{
  const tell = (text) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/told", false);
    request.send(text);
  };
  addEventListener("error", (event) => {
    // No error for a console: what was observed changed once more, and is told in the next frame.
    if (event.message?.startsWith("ResizeObserver loop")) return;
    tell(event.message ?? `cannot load ${event.target.src ?? event.target.href}`);
  }, true);
  addEventListener("unhandledrejection", (event) => tell(`unhandled: ${event.reason}`));
  document.addEventListener("securitypolicyviolation", (event) => {
    tell(`${event.violatedDirective} refuses ${event.blockedURI} ${event.sourceFile ?? ""}`);
  });
  const { error } = console;
  console.error = (...parts) => {
    tell(parts.join(" "));
    error.apply(console, parts);
  };
}
