//! Measures the simulator beside other programs that do the same work. `docs/benchmarks.md`
//! explains the measurements and the figures.
//!
//! `antes-bench [NAME...]` measures the named parts, or all, and prints tables. `antes-bench
//! --compare FIRST SECOND` reads two files of such tables and prints the ratio of the second to
//! the first. `antes-bench --once ROW` lets one contestant do its work once without measuring, for
//! counting instructions with valgrind. Built for wasm32, it exports the function `bench` instead.

mod bare;
mod contest;
mod measure;
mod pingpong;
mod simulated;
mod stopwatch;
mod travel;
#[cfg(not(target_arch = "wasm32"))]
mod turmoiled;
mod work;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--compare", first, second] => {
            let read = std::fs::read_to_string;
            print!("{}", contest::compare(&read(first)?, &read(second)?));
        }
        ["--once", row] => measure::rehearse(row),
        _ => print!("{}", measure::measure(&arguments)),
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

/// Measures the named parts, or all, and returns the text to print.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn bench(names: Vec<String>) -> String {
    measure::measure(&names)
}
