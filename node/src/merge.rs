//! `antes merge`: merges the traces of a cluster's processes into one run, and judges it.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use antes_picture::recording::tape::Tape;
use antes_sim::export::text;
use antes_sim::merge::Reader;
use antes_sim::summary::Summary;
use clap::Args;

use crate::format::{Finished, Format};
use crate::output::{Output, complain};
use crate::picture::PictureOptions;
use crate::{Failure, Outcome};

/// The most bytes that are read, of all files together.
const MAX_BYTES: u64 = 1 << 30;

#[derive(Args)]
pub struct MergeArguments {
    /// The traces of the nodes and of the resource, in any order, or a whole trace; `-` reads
    /// standard input
    #[arg(required = true)]
    traces: Vec<String>,
    /// The number of the run, if the traces contain several because the cluster was restarted with
    /// another profile or test; 1 is the first [default: the latest]
    #[arg(long, value_name = "NUMBER")]
    run: Option<usize>,
    /// What to print
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    /// The output file, instead of standard output
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    picture: PictureOptions,
}

/// Merges the traces in `arguments`. Notes for readers of the run go to standard error.
pub fn merge(arguments: &MergeArguments) -> Result<Outcome, Failure> {
    let bad = |error: antes_sim::merge::MergeError| Failure::BadInput(error.to_string());
    arguments.picture.check(arguments.format)?;
    let mut reader = Reader::default();
    let mut room = MAX_BYTES;
    let mut unread = Vec::new();
    for name in &arguments.traces {
        let (name, bytes) = read(name, room)?;
        room -= bytes.len() as u64;
        if bytes.is_empty() {
            complain(&format!("{name}: the file is empty"));
        }
        unread.extend(reader.read(&name, &bytes).err());
    }
    let (parts, notes) = reader.finished();
    notes.iter().for_each(|note| complain(&note.to_string()));
    if parts.is_empty() {
        let sentence = match unread.first() {
            Some(error) => error.to_string(),
            None => format!("{}: there is no trace; expected one", arguments.traces.join(", ")),
        };
        return Err(Failure::BadInput(sentence));
    }
    unread.iter().for_each(|error| complain(&format!("{error}; the file is left out")));
    let merged = antes_sim::merge::merge(parts, arguments.run).map_err(bad)?;
    merged.notes.iter().for_each(|note| complain(&note.to_string()));
    let summary = Summary::new(merged.header.size(), &merged.events);
    let out = || match &arguments.out {
        None => Ok(Output::new()),
        Some(path) => File::create(path).map(Output::to).map_err(|error| {
            Failure::BadInput(format!("{}: cannot be written: {error}", path.display()))
        }),
    };
    let outcome = if summary.violations.is_empty() { Outcome::Fine } else { Outcome::Violated };
    if let Some(pixels) = arguments.format.picture() {
        let tape =
            Tape::new(merged.header, merged.events, Vec::new()).map_err(Failure::BadInput)?;
        let svg = arguments.picture.of_recording(&tape, &arguments.traces.join(", "))?;
        arguments.picture.look().print(&svg, pixels, out()?)?;
        return Ok(outcome);
    }
    let finished = Finished {
        header: &merged.header,
        scenario: None,
        above: text::trace_header(&merged.header),
        trace: &merged.events,
        summary: &summary,
    };
    finished.print(arguments.format, false, out)?;
    Ok(outcome)
}

/// A file's name in messages, and its bytes.
fn read(name: &str, room: u64) -> Result<(String, Vec<u8>), Failure> {
    let mut bytes = Vec::new();
    let (name, read) = match name {
        "-" => {
            let read = std::io::stdin().lock().take(room + 1).read_to_end(&mut bytes);
            ("standard input", read)
        }
        name => {
            let file = File::open(name);
            (name, file.and_then(|file| file.take(room + 1).read_to_end(&mut bytes)))
        }
    };
    match read {
        Err(error) => Err(Failure::BadInput(format!("{name}: cannot be read: {error}"))),
        Ok(_) if bytes.len() as u64 > room => {
            let sentence = format!(
                "{name}: the files have more than {MAX_BYTES} bytes in all; expected fewer"
            );
            Err(Failure::BadInput(sentence))
        }
        Ok(_) => Ok((name.to_owned(), bytes)),
    }
}
