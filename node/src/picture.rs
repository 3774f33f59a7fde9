//! Pictures that `antes run` writes: SVG, and PNG where this build has it.

use antes_picture::document::{View, Wanted, document};
use antes_picture::language::Language;
use antes_picture::outlook::Outlook;
use antes_picture::style::Theme;
use antes_picture::telling::telling_moment;
use antes_sim::run::Run;
use antes_sim::scenario::duration;
use clap::Args;

use crate::Failure;
use crate::format::Format;
use crate::output::Output;

/// By how much a PNG is larger than the SVG, if nothing is said.
const SCALE: u8 = 2;

#[derive(Args)]
#[command(next_help_heading = "Pictures (--format svg or png)")]
pub struct PictureOptions {
    /// The moment: a duration such as 1.8s, or microseconds. If it is not given, it is the moment at which
    /// there is most to see, as on the page.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<u64>,
    /// What the picture shows: ring, diagram or both, which is the default.
    #[arg(long, value_parser = view)]
    view: Option<View>,
    /// Its colours: light, which is the default, or dark.
    #[arg(long, value_parser = theme)]
    theme: Option<Theme>,
    /// Its language: en, which is the default, or pt.
    #[arg(long, value_parser = language)]
    lang: Option<Language>,
    /// How many times larger a PNG is than the SVG, from 1 to 4; 2 if it is not given.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=4))]
    scale: Option<u8>,
}

impl PictureOptions {
    /// Refuses options that say nothing in this format.
    pub fn check(&self, format: Format) -> Result<(), Failure> {
        let given = [
            ("at", self.at.is_some()),
            ("view", self.view.is_some()),
            ("theme", self.theme.is_some()),
            ("lang", self.lang.is_some()),
        ];
        let refusal = match (given.into_iter().find(|(_, is_given)| *is_given), format) {
            (Some((name, _)), format) if !format.is_picture() => {
                format!("--{name} is for pictures; expected it with --format svg or --format png")
            }
            _ if self.scale.is_some() && format != Format::Png => {
                "--scale is for PNG; expected it with --format png".to_owned()
            }
            _ => return Ok(()),
        };
        Err(Failure::BadInput(refusal))
    }

    /// Prints the picture of a run that is over at the moment that is asked for.
    pub fn print(&self, run: &mut Run, format: Format, name: &str) -> Result<(), Failure> {
        let end_us = run.now_us();
        let at_us = match self.at {
            Some(at_us) if at_us > end_us => {
                let end = duration::display(core::time::Duration::from_micros(end_us));
                let sentence = format!("{name}: the run ends at {end}; expected --at up to that");
                return Err(Failure::BadInput(sentence));
            }
            Some(at_us) => at_us,
            None => telling_moment(run.scenario()).at_us,
        };
        run.seek(at_us);
        let outlook = Outlook::ahead(run, |_, _, _| {});
        let wanted = Wanted {
            view: self.view.unwrap_or_default(),
            theme: self.theme.unwrap_or_default(),
            language: self.lang.unwrap_or_default(),
        };
        let svg = document(run, &outlook, wanted);
        let mut out = Output::new();
        match format {
            Format::Png => out.write(&png::of(&svg, self.scale.unwrap_or(SCALE))?)?,
            _ => out.print(&svg)?,
        }
        out.finish()
    }
}

fn instant(text: &str) -> Result<u64, String> {
    if let Ok(micros) = text.parse() {
        return Ok(micros);
    }
    let span = duration::parse(&text.replace(['µ', 'μ'], "u"));
    let micros = span.ok().and_then(|span| u64::try_from(span.as_micros()).ok());
    micros.ok_or_else(|| "expected a duration such as 1.8s, or microseconds".to_owned())
}

fn view(name: &str) -> Result<View, String> {
    let found = View::ALL.into_iter().find(|view| view.name() == name);
    found.ok_or_else(|| "expected ring, diagram or both".to_owned())
}

fn theme(name: &str) -> Result<Theme, String> {
    let found = [Theme::Light, Theme::Dark].into_iter().find(|theme| theme.name() == name);
    found.ok_or_else(|| "expected light or dark".to_owned())
}

fn language(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| "expected en or pt".to_owned())
}

#[cfg(not(feature = "png"))]
mod png {
    use crate::Failure;

    pub fn of(_: &str, _: u8) -> Result<Vec<u8>, Failure> {
        let sentence =
            "this build writes no PNG; expected --format svg, or a build with the feature png";
        Err(Failure::BadInput(sentence.to_owned()))
    }
}

#[cfg(feature = "png")]
mod png {
    use std::sync::Arc;

    use resvg::tiny_skia::{Pixmap, Transform};
    use resvg::usvg::fontdb::{Database, Family, Query, Weight};
    use resvg::usvg::{Options, Tree};

    use crate::Failure;

    /// The faces that stand in for the system's own, the first one that there is.
    const FACES: [&str; 10] = [
        "Segoe UI",
        "Roboto",
        "Noto Sans",
        "Liberation Sans",
        "Helvetica Neue",
        "Arial",
        "DejaVu Sans",
        "Ubuntu",
        "Cantarell",
        "Verdana",
    ];

    /// The picture as PNG, so many times larger.
    pub fn of(svg: &str, scale: u8) -> Result<Vec<u8>, Failure> {
        let failure = |error: &dyn core::fmt::Display| {
            Failure::CannotGoOn(format!("the picture cannot be painted: {error}"))
        };
        let options = Options { fontdb: Arc::new(fonts()?), ..Options::default() };
        let tree = Tree::from_str(svg, &options).map_err(|error| failure(&error))?;
        let scale = f32::from(scale);
        let size = tree.size().to_int_size().scale_by(scale);
        let mut pixels = size
            .and_then(|size| Pixmap::new(size.width(), size.height()))
            .ok_or_else(|| failure(&"it has no size"))?;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| failure(&error))
    }

    /// The fonts of this computer, of which one is taken for all text.
    fn fonts() -> Result<Database, Failure> {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        let is_there = |face: &&str| {
            let families = [Family::Name(face)];
            let query = Query { families: &families, weight: Weight::BOLD, ..Query::default() };
            fonts.query(&query).is_some()
        };
        let known = FACES.into_iter().find(is_there).map(str::to_owned);
        let any = || fonts.faces().next().and_then(|face| Some(face.families.first()?.0.clone()));
        let Some(face) = known.or_else(any) else {
            let sentence = "this computer has no font to write PNG with; expected --format svg, or \
                            a font such as DejaVu Sans";
            return Err(Failure::CannotGoOn(sentence.to_owned()));
        };
        fonts.set_sans_serif_family(face);
        Ok(fonts)
    }
}
