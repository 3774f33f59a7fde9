//! The web page: it runs the simulator, draws it, and takes the user's input.
//!
//! There are two programs: a small one that runs scenarios, and the [whole] one, which also shows
//! [recordings](recording) and draws pictures.
//!
//! One component, [`app::App`], owns what is shown, the frame loop and the selection. It shows a
//! [run], a [recording] or a [comparison](compare): each is a [`timeline`] with what it alone has, an
//! [`app::Subject`]. It renders the functions below [`view`]. What they show is computed by pure modules, which are tested without a
//! browser: geometry ([`px`], [`ring`]), wording ([`words`], [`sentence`]), colours and shapes
//! ([`look`]), causality, and the address.

#![allow(
    missing_docs,
    reason = "only this workspace uses the library; a comment stands where a name is not enough"
)]

use yew::Callback;
use yew::html::Scope;

pub use antes_picture::{chart, face, language, look, outlook, pointed, px, ring};

pub mod acts;
pub mod address;
pub mod alike;
pub mod app;
pub mod causality;
pub mod compare;
pub mod control;
pub mod dom;
pub mod find;
pub mod fit;
pub mod focus;
pub mod fold;
pub mod handle;
pub mod host;
pub mod interventions;
pub mod keys;
pub mod library;
pub mod loss;
pub mod message;
pub mod playback;
pub mod player;
pub mod recording;
pub mod room;
pub mod routine;
pub mod run;
pub mod sentence;
pub mod shared;
pub mod speed;
pub mod timeline;
pub mod view;
pub mod visit;
pub mod waits;
pub mod whole;
pub mod why;
pub mod words;

/// Draws the page of a run into `#app`, once the scenario that the address asks for is at hand.
pub fn start() {
    draw(async {
        let shelf = match run::opening::first_asked_for() {
            library::FIRST => library::Shelf::default(),
            _ => library::Shelf::fetch().await.unwrap_or_default(),
        };
        words::fetch(run::opening::language_asked_for()).await;
        let shelf = shared::Shared::new(shelf);
        Callback::from(move |link| run::ShownRun::open(link, shelf.clone()))
    });
}

/// Draws two runs side by side into `#app`.
pub fn start_comparison() {
    words::add(words::recorded::TEXTS);
    draw(async {
        let shelf = library::Shelf::fetch().await.unwrap_or_default();
        words::fetch(run::opening::language_asked_for()).await;
        let shelf = shared::Shared::new(shelf);
        Callback::from(move |link| compare::shown::ShownPair::open(link, shelf.clone()))
    });
}

/// Draws a recording into `#app`, or the way to open a file. With a refusal, that is shown instead.
pub fn start_recording(refusal: Option<recording::reader::Refusal>) {
    words::add(words::recorded::TEXTS);
    draw(async {
        let address = recording::address::Address::read();
        words::fetch(address.language()).await;
        Callback::from(move |link| {
            recording::shown::ShownRecording::open_page(link, address.clone(), refusal.clone())
        })
    });
}

/// How a page is made.
type Opening = Callback<Scope<app::App>, (app::Page, Box<dyn app::Subject>)>;

/// Draws the page into `#app`, once what it needs is at hand.
fn draw(opening: impl Future<Output = Opening> + 'static) {
    visit::resume();
    host::place::resume();
    let Some(place) = dom::first("#app") else { return };
    yew::platform::spawn_local(async {
        let props = app::Props { open: opening.await };
        yew::Renderer::<app::App>::with_root_and_props(place, props).render();
    });
}
