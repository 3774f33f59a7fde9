//! The web page: it runs the simulator, draws it, and takes the user's input.
//!
//! There are two programs: a small one that runs scenarios, and the [whole] one, which also shows
//! [recordings](recording) and draws pictures.
//!
//! One component, [`app::App`], owns the run, the frame loop and the selection. It renders the function
//! components below [`view`]. What they show is computed by pure modules, which are tested without a
//! browser: geometry ([`px`], [`ring`]), wording ([`words`], [`sentence`]), colours and shapes
//! ([`look`]), causality, and the address.

#![allow(
    missing_docs,
    reason = "only this workspace uses the library; a comment stands where a name is not enough"
)]

pub use antes_picture::{chart, face, language, look, outlook, pointed, px, ring};

pub mod acts;
pub mod address;
pub mod alike;
pub mod app;
pub mod causality;
pub mod compare;
pub mod dom;
pub mod find;
pub mod fit;
pub mod focus;
pub mod fold;
pub mod host;
pub mod interventions;
pub mod keys;
pub mod library;
pub mod loss;
pub mod message;
pub mod player;
pub mod recording;
pub mod room;
pub mod routine;
pub mod sentence;
pub mod shared;
pub mod speed;
pub mod view;
pub mod visit;
pub mod waits;
pub mod whole;
pub mod why;
pub mod words;

/// Draws the page into `#app`, once the scenario that the address asks for is at hand.
pub fn start() {
    visit::resume();
    host::place::resume();
    let Some(place) = dom::first("#app") else { return };
    yew::platform::spawn_local(async {
        let shelf = match app::first_asked_for() {
            library::FIRST => library::Shelf::default(),
            _ => library::Shelf::fetch().await.unwrap_or_default(),
        };
        words::fetch(app::language_asked_for()).await;
        let props = app::Props { shelf: shared::Shared::new(shelf) };
        yew::Renderer::<app::App>::with_root_and_props(place, props).render();
    });
}

/// Draws two runs side by side into `#app`.
pub fn start_comparison() {
    visit::resume();
    host::place::resume();
    let Some(place) = dom::first("#app") else { return };
    words::add(words::recorded::TEXTS);
    yew::platform::spawn_local(async {
        let shelf = library::Shelf::fetch().await.unwrap_or_default();
        words::fetch(app::language_asked_for()).await;
        let props = compare::app::Props { shelf: shared::Shared::new(shelf) };
        yew::Renderer::<compare::app::App>::with_root_and_props(place, props).render();
    });
}

/// Draws a recording into `#app`, or the way to open a file. With a refusal, that is shown instead.
pub fn start_recording(refusal: Option<recording::reader::Refusal>) {
    visit::resume();
    host::place::resume();
    let Some(place) = dom::first("#app") else { return };
    words::add(words::recorded::TEXTS);
    yew::platform::spawn_local(async {
        let wishes = recording::address::Address::read();
        words::fetch(wishes.language()).await;
        let props = recording::app::Props { refusal };
        yew::Renderer::<recording::app::App>::with_root_and_props(place, props).render();
    });
}
