//! The page in somebody else's page: what the address says about that, which keys are handed back, and
//! the messages both ways. What is promised to hosts is in `docs/embedding.md`.
//!
//! Pure: [`settings`], [`mangled`], [`range`], [`keys`], [`order`], [`act`], [`height`], and what
//! [`report`] has to say. The browser's part is [`link`].

pub mod act;
pub mod height;
pub mod keys;
pub mod link;
pub mod mangled;
pub mod order;
pub mod place;
pub mod range;
pub mod report;
pub mod settings;
pub mod value;
