//! Pages around the page, which talk with it by messages.

use antes_e2e::{Page, Result};
use serde_json::Value;

/// A page that contains this and collects the messages it gets.
pub fn around(body: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Around</title>
<link rel="icon" href="data:,"></head><body style="margin: 0"><script>
  window.heard = [];
  addEventListener("message", ({{ data }}) => heard.push(data));
  window.tell = (message) => document.querySelector("iframe").contentWindow.postMessage(message, "*");
  window.first = (name) => heard.find((it) => it?.antes === name);
</script>{body}</body></html>"#
    )
}

/// A frame with the page at this address.
pub fn frame(address: &str, more: &str) -> String {
    let address = address.replace('&', "&amp;");
    format!(r#"<iframe src="{address}" width="900" height="560" title="A run" {more}></iframe>"#)
}

/// Waits for a message of this name, and returns the first one.
pub async fn hears(page: &Page, name: &str) -> Result<Value> {
    let first = format!("return first({name:?}) ?? null");
    page.wait_until(&format!("the page tells {name:?}"), async || {
        Ok(!page.script(&first).await?.is_null())
    })
    .await?;
    page.script(&first).await
}

/// Sends a message, and returns the next answer of this name.
pub async fn asks(page: &Page, message: &str, name: &str) -> Result<Value> {
    page.script(&format!("heard.length = 0; tell({message});")).await?;
    hears(page, name).await
}
