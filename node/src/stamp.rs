//! `antes stamp`: stamps the events of a figure, or draws it.

use antes_picture::figure::{FigureStamps, WantedFigure, document_of_figure};
use antes_sim::figure;
use clap::{Args, ValueEnum};

use crate::format::Pixels;
use crate::input::Input;
use crate::output::{Output, complain};
use crate::picture::{LookOptions, for_pictures};
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct StampArguments {
    /// The figure in JSON; `-` reads standard input
    figure: String,
    /// What to print
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// The stamps in a picture: lamport, which is the default, vector, or none, for an exercise.
    #[arg(long, value_parser = stamps, help_heading = "Pictures (--format svg or png)")]
    stamps: Option<FigureStamps>,
    #[command(flatten)]
    look: LookOptions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object
    Json,
    /// Plain text
    Text,
    /// A picture: a line for each process, an arrow for each message
    Svg,
    /// The same, as pixels
    Png,
}

impl Format {
    /// The form of a picture. `None` if the format is none.
    const fn picture(self) -> Option<Pixels> {
        match self {
            Self::Svg => Some(Pixels::No),
            Self::Png => Some(Pixels::Yes),
            Self::Json | Self::Text => None,
        }
    }
}

fn stamps(name: &str) -> Result<FigureStamps, String> {
    let found = FigureStamps::ALL.into_iter().find(|stamps| stamps.name() == name);
    found.ok_or_else(|| "expected lamport, vector or none".to_owned())
}

/// Stamps the figure in `arguments`, or draws it.
pub fn stamp(arguments: &StampArguments) -> Result<Outcome, Failure> {
    let pixels = arguments.format.picture();
    arguments.look.check(pixels)?;
    if arguments.stamps.is_some() && pixels.is_none() {
        return Err(for_pictures("stamps"));
    }
    let input = Input::read(&arguments.figure)?;
    let figure = figure::read(&input.text).map_err(|error| input.failure(error))?;
    for field in &figure.unknown {
        let field = field.escape_debug();
        let name = &input.name;
        complain(&format!("{name}: \"{field}\" is not a field of a figure, and is ignored"));
    }
    let mut out = Output::new();
    if let Some(pixels) = pixels {
        let look = &arguments.look;
        let (theme, language) = (look.theme(), look.language());
        let stamps = arguments.stamps.unwrap_or_default();
        let svg = document_of_figure(&figure, WantedFigure { stamps, theme, language });
        look.print(&svg, pixels, out)?;
        return Ok(Outcome::Fine);
    }
    let stamped = figure::stamp(&figure);
    match arguments.format {
        Format::Text => out.print(&stamped.to_string())?,
        Format::Json | Format::Svg | Format::Png => out.line(&stamped.to_json())?,
    }
    out.finish()?;
    Ok(Outcome::Fine)
}
