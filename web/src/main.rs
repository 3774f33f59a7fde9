//! The small program: it runs scenarios, and is all that a first visit loads.

fn main() {
    antes_web::start();
}
