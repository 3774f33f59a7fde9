//! The only place that reads a real clock.

#[cfg(not(target_arch = "wasm32"))]
mod clock {
    use std::time::Instant;

    /// Measures the time since its start.
    pub struct Stopwatch(Instant);

    impl Stopwatch {
        pub fn start() -> Self {
            Self(Instant::now())
        }

        /// The time since its start, in seconds.
        pub fn seconds(&self) -> f64 {
            self.0.elapsed().as_secs_f64()
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod clock {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance, js_name = now)]
        fn now_ms() -> f64;
    }

    /// Measures the time since its start. Browsers round it to a tenth of a millisecond.
    pub struct Stopwatch(f64);

    impl Stopwatch {
        pub fn start() -> Self {
            Self(now_ms())
        }

        /// The time since its start, in seconds.
        pub fn seconds(&self) -> f64 {
            (now_ms() - self.0) / 1000.0
        }
    }
}

pub use clock::Stopwatch;
