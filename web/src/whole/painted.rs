//! Pictures painted by the browser.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use crate::dom;

/// The beginning of an SVG document in a `data:` address.
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
    let painter = Painter::of(svg, scale).await.map_err(refused)?;
    painter.canvas.to_data_url_with_type("image/png").map_err(refused)
}

/// A canvas on which documents of the same size are painted, one after the other.
pub struct Painter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Painter {
    /// A canvas of the size of this document, so many times larger, on which the document is painted.
    pub async fn of(svg: &str, scale: u8) -> Result<Self, JsValue> {
        let image = image(svg).await?;
        let document = dom::window().document().ok_or("there is no document")?;
        let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
        canvas.set_width(image.natural_width() * u32::from(scale));
        canvas.set_height(image.natural_height() * u32::from(scale));
        let context = canvas.get_context("2d")?.ok_or("there is no context")?.unchecked_into();
        let painter = Self { canvas, context };
        painter.draw(&image)?;
        Ok(painter)
    }

    /// Paints another document over the last one.
    pub async fn paint(&self, svg: &str) -> Result<(), JsValue> {
        self.draw(&image(svg).await?)
    }

    fn draw(&self, image: &HtmlImageElement) -> Result<(), JsValue> {
        let [width, height] = self.size().map(f64::from);
        self.context
            .draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)
    }

    pub const fn canvas(&self) -> &HtmlCanvasElement {
        &self.canvas
    }

    /// Width and height, in pixels.
    pub fn size(&self) -> [u32; 2] {
        [self.canvas.width(), self.canvas.height()]
    }

    /// The painted pixels, row by row: red, green, blue, and opacity.
    pub fn pixels(&self) -> Result<Vec<u8>, JsValue> {
        let [width, height] = self.size().map(f64::from);
        Ok(self.context.get_image_data(0.0, 0.0, width, height)?.data().0)
    }
}

async fn image(svg: &str) -> Result<HtmlImageElement, JsValue> {
    let image = HtmlImageElement::new()?;
    image.set_src(&address(svg));
    image.decode().await?;
    Ok(image)
}
