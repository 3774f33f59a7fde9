//! Starts the page.

fn main() {
    antes_web::start();
}
