//! Two runs side by side, always at the same instant. It belongs to the whole program.
//!
//! [`asked`] reads what the address compares, [`pair`] plays both runs, and [`shown`] draws them with the
//! views of the page. The numbers and the first difference come from [`antes_sim::compare`].

pub mod asked;
pub mod pair;
pub mod shown;
