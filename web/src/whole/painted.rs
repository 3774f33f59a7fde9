//! Pictures painted by the browser.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use crate::dom;

/// The name of the type of an SVG document, in a `data:` address.
const SVG: &str = "data:image/svg+xml;charset=utf-8,";

/// The address of an SVG document that is not in a file.
pub fn address(svg: &str) -> String {
    [SVG, &dom::escape(svg)].concat()
}

/// A document as PNG, in a `data:` address.
///
/// # Errors
///
/// If the browser cannot paint it, for example because it is too large.
pub async fn png(svg: &str, scale: u8) -> Result<String, String> {
    let refused =
        |_| "this browser cannot paint the picture; expected SVG, or a smaller scale".to_owned();
    let canvas = painted(svg, scale).await.map_err(refused)?;
    canvas.to_data_url_with_type("image/png").map_err(refused)
}

async fn painted(svg: &str, scale: u8) -> Result<HtmlCanvasElement, wasm_bindgen::JsValue> {
    let image = HtmlImageElement::new()?;
    image.set_src(&address(svg));
    image.decode().await?;
    let document = dom::window().document().ok_or("there is no document")?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    canvas.set_width(image.natural_width() * u32::from(scale));
    canvas.set_height(image.natural_height() * u32::from(scale));
    let context = canvas.get_context("2d")?.ok_or("there is no context")?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    Ok(canvas)
}
