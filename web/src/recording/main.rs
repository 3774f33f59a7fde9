//! Starts the page's other program, which shows recordings.

fn main() {
    antes_web::start_recording();
}
