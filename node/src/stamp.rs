//! `antes stamp`: stamps the events of a figure.

use antes_sim::figure;
use clap::{Args, ValueEnum};

use crate::input::Input;
use crate::output::{Output, complain};
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct StampArguments {
    /// The figure in JSON; `-` reads standard input
    figure: String,
    /// What to print
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object
    Json,
    /// Plain text
    Text,
}

/// Stamps the figure in `arguments`.
pub fn stamp(arguments: &StampArguments) -> Result<Outcome, Failure> {
    let input = Input::read(&arguments.figure)?;
    let figure = figure::read(&input.text).map_err(|error| input.failure(error))?;
    for field in &figure.unknown {
        let field = field.escape_debug();
        let name = &input.name;
        complain(&format!("{name}: \"{field}\" is not a field of a figure, and is ignored"));
    }
    let stamped = figure::stamp(&figure);
    let mut out = Output::new();
    match arguments.format {
        Format::Json => out.line(&stamped.to_json())?,
        Format::Text => out.print(&stamped.to_string())?,
    }
    out.finish()?;
    Ok(Outcome::Fine)
}
