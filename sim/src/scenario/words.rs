//! The words of scenario files and their values, used for reading and writing.

use antes_core::{Algorithm, Announce, Detector, Form, Lock};

#[cfg(feature = "files")]
use super::Preempt;
use super::{Moment, Stamps, Start};
#[cfg(feature = "files")]
use crate::trace::Storage;

/// Each word of a file with its value.
pub(super) type Words<T> = &'static [(&'static str, T)];

pub(super) const ALGORITHMS: Words<Algorithm> =
    &[("clock", Algorithm::Clock), ("leader", Algorithm::Leader), ("mutex", Algorithm::Mutex)];

pub(super) const LOCKS: Words<Lock> = &Lock::NAMES;

pub(super) const FORMS: Words<Form> =
    &[("parallel", Form::Parallel), ("sequential", Form::Sequential)];

pub(super) const ANNOUNCES: Words<Announce> = &[("lower", Announce::Lower), ("all", Announce::All)];

pub(super) const DETECTORS: Words<Detector> =
    &[("heartbeat", Detector::Heartbeat), ("poll", Detector::Poll), ("off", Detector::Off)];

pub(super) const STARTS: Words<Start> = &[("cold", Start::Cold), ("elected", Start::Elected)];

pub(super) const STAMPS: Words<Stamps> =
    &[("lamport", Stamps::Lamport), ("vector", Stamps::Vector)];

#[cfg(feature = "files")]
pub(super) const PREEMPTS: Words<Preempt> = &[("stable", Preempt::Stable)];

pub(super) const MOMENTS: Words<Moment> =
    &[("send", Moment::Send), ("receive", Moment::Receive), ("after-save", Moment::AfterSave)];

#[cfg(feature = "files")]
pub(super) const STORAGES: Words<Storage> = &[("kept", Storage::Kept), ("lost", Storage::Lost)];

/// The word that stands for `value` in files.
pub(super) fn word_for<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    let found = words.iter().find(|(_, meaning)| meaning == value);
    found.expect("every meaning has its word").0
}
