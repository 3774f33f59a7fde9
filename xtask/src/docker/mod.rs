//! Containers: the image, the cluster for people, and the tests.

pub mod cluster;
pub mod image;
pub mod test;
