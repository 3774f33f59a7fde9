//! The mouse and fingers, through WebDriver, for every engine.

use anyhow::Result;
use serde_json::{Value, json};
use thirtyfour::common::command::{Actions, Command};

use crate::{Engine, Page};

/// A step of a pointer. Positions are in CSS pixels from the window's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    To(f64, f64),
    /// Presses the mouse's left button, or puts the finger down.
    Down,
    /// Releases the button, or lifts the finger.
    Up,
}

impl Move {
    #[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
    fn told(self) -> Value {
        match self {
            Move::To(x, y) => {
                let [x, y] = [x, y].map(|place| place.round() as i64);
                json!({ "type": "pointerMove", "duration": 0, "x": x, "y": y })
            }
            Move::Down => json!({ "type": "pointerDown", "button": 0 }),
            Move::Up => json!({ "type": "pointerUp", "button": 0 }),
        }
    }
}

impl Page {
    /// Moves the mouse. Its position and its button stay as they are until the next call.
    pub async fn mouse(&self, moves: &[Move]) -> Result<()> {
        match self.engine() {
            Engine::Chromium => self.mouse_by_protocol(moves).await,
            Engine::Firefox | Engine::WebKit => self.point("mouse", &[moves]).await,
        }
    }

    /// Moves the mouse to the middle of the first element for a CSS selector.
    pub async fn point_at(&self, css: &str) -> Result<()> {
        let [x, y] = self.middle(css).await?;
        self.mouse(&[Move::To(x, y)]).await
    }

    /// Moves the mouse by Chromium's protocol, since its driver would end a drag between two calls.
    async fn mouse_by_protocol(&self, moves: &[Move]) -> Result<()> {
        for step in moves {
            let (mut x, mut y, mut is_down) = self.held();
            let kind = match *step {
                Move::To(to_x, to_y) => {
                    (x, y) = (to_x, to_y);
                    "mouseMoved"
                }
                Move::Down => {
                    is_down = true;
                    "mousePressed"
                }
                Move::Up => "mouseReleased",
            };
            let button = if is_down { "left" } else { "none" };
            let event = json!({
                "type": kind, "x": x, "y": y, "button": button, "buttons": u8::from(is_down),
                "clickCount": 1,
            });
            self.cdp().send_raw("Input.dispatchMouseEvent", event).await?;
            self.hold((x, y, is_down && *step != Move::Up));
        }
        Ok(())
    }

    /// Moves several fingers at the same time, step by step.
    pub async fn fingers(&self, fingers: &[&[Move]]) -> Result<()> {
        self.point("touch", fingers).await
    }

    async fn point(&self, kind: &str, pointers: &[&[Move]]) -> Result<()> {
        let pointers: Vec<_> = pointers
            .iter()
            .enumerate()
            .map(|(place, moves)| {
                json!({
                    "type": "pointer",
                    "id": format!("{kind}{place}"),
                    "parameters": { "pointerType": kind },
                    "actions": moves.iter().map(|step| step.told()).collect::<Vec<_>>(),
                })
            })
            .collect();
        let actions = Actions::from(Value::from(pointers));
        self.cmd(Command::PerformActions(actions)).await?;
        Ok(())
    }

    /// The middle of the first element for a CSS selector, in CSS pixels of the window.
    pub async fn middle(&self, css: &str) -> Result<[f64; 2]> {
        let middle = "const it = arguments[0].getBoundingClientRect();
             return [it.x + it.width / 2, it.y + it.height / 2];";
        let middle = self.ask(middle, &self.find(css).await?).await?;
        Ok([0, 1].map(|axis| middle[axis].as_f64().unwrap_or_default()))
    }
}
