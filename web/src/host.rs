//! The page embedded in another page: settings in the address, keys for the host, and messages in
//! both directions. `docs/embedding.md` documents this for hosts.
//!
//! [`settings`], [`mangled`], [`range`], [`keys`], [`order`], [`act`], [`height`] and the content
//! of [`report`] are pure. [`link`] talks to the browser.

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
