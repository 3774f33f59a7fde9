//! Containers: the image, the cluster, and the tests.

pub mod cluster;
pub mod image;
pub mod test;
