//! Starts the page's second program, which shows recordings.

fn main() {
    antes_web::start_recording();
}
