//! Starts the whole program of the page.

fn main() {
    antes_web::whole::start();
}
