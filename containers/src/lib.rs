//! Controls the containers of `docker-compose.yml` for the tests.
//!
//! `cargo xtask test docker` provides these variables:
//!
//! | variable | meaning |
//! | --- | --- |
//! | `DOCKER_HOST` | the engine, unless `docker` finds it by itself |
//! | `ANTES_IMAGE` | the image, already built |
//! | `ANTES_COMPOSE` | the command of Compose 2, its words separated by newlines |
//! | `ANTES_COMPOSE_V1` | the command of Compose 1.29, likewise |
//!
//! When a [`Cluster`] or [`Stack`] is dropped, everything that its test has started is removed, also after a
//! failure.

mod cluster;
mod command;
mod stack;

pub use cluster::{ALL, Cluster, Leader};
pub use command::{Compose, check, docker, image, wait};
pub use stack::Stack;
