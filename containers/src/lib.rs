//! Drives the containers of `docker-compose.yml`, for the tests.
//!
//! `cargo xtask test docker` sees to what they need, and says where it is:
//!
//! | variable | what it is |
//! | --- | --- |
//! | `DOCKER_HOST` | the engine, where it is not the one that `docker` finds by itself |
//! | `ANTES_IMAGE` | the image, which is built already |
//! | `ANTES_COMPOSE` | Compose 2: the command, its words separated by a line end |
//! | `ANTES_COMPOSE_V1` | Compose 1.29, likewise |
//!
//! What a test starts is removed when its [`Cluster`] or [`Stack`] goes, also after a failure.

mod cluster;
mod command;
mod stack;

pub use cluster::{ALL, Cluster, Leader};
pub use command::{Compose, check, docker, image, wait};
pub use stack::Stack;
