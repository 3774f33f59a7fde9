//! Pictures that `antes run`, `antes merge` and `antes stamp` write: SVG, and PNG where this build has it.

use antes_picture::document::{View, Wanted, document, document_of_recording};
use antes_picture::language::Language;
use antes_picture::outlook::Outlook;
use antes_picture::recording::Shown;
use antes_picture::recording::moment::Moment;
use antes_picture::recording::tape::Tape;
use antes_picture::recording::telling::{Place, telling_place};
use antes_picture::style::Theme;
use antes_picture::telling::telling_moment;
use antes_sim::run::Run;
use antes_sim::scenario::duration;
use clap::Args;

use crate::Failure;
use crate::format::{Format, Pixels};
use crate::output::Output;

/// How many times larger a PNG is than the SVG by default.
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
    #[command(flatten)]
    look: LookOptions,
}

#[derive(Args)]
#[command(next_help_heading = "Pictures (--format svg or png)")]
pub struct LookOptions {
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
    /// Refuses options that have no meaning for this format.
    pub fn check(&self, format: Format) -> Result<(), Failure> {
        let given = [("at", self.at.is_some()), ("view", self.view.is_some())];
        match given.into_iter().find(|(_, is_given)| *is_given && !format.is_picture()) {
            Some((name, _)) => Err(for_pictures(name)),
            None => self.look.check(format.picture()),
        }
    }

    /// The picture of a finished run at the requested moment, as SVG.
    pub fn of_run(&self, run: &mut Run, name: &str) -> Result<String, Failure> {
        let at_us = match self.asked_for(run.now_us(), name)? {
            Some(at_us) => at_us,
            None => telling_moment(run.scenario()).at_us,
        };
        run.seek(at_us);
        let outlook = Outlook::ahead(run, |_, _, _| {});
        Ok(document(run, &outlook, self.wanted()))
    }

    /// The picture of a recording at the requested moment, as SVG.
    pub fn of_recording(&self, tape: &Tape, name: &str) -> Result<String, Failure> {
        let end_us = tape.events().last().map_or(0, |event| event.at_us);
        let place = match self.asked_for(end_us, name)? {
            Some(at_us) => Place::at_told(tape, at_us),
            None => telling_place(tape),
        };
        let mut moment = Moment::new(tape);
        for _ in 0..place.done {
            moment.take(tape);
        }
        let shown = Shown { tape, moment: &moment, now_us: place.at_us, told_us: place.told_us };
        Ok(document_of_recording(&shown, self.wanted()))
    }

    pub const fn look(&self) -> &LookOptions {
        &self.look
    }

    /// The requested moment, which must not be later than `end_us`. `None`: no moment was requested.
    fn asked_for(&self, end_us: u64, name: &str) -> Result<Option<u64>, Failure> {
        if self.at.is_some_and(|at_us| at_us > end_us) {
            let end = duration::display(core::time::Duration::from_micros(end_us));
            let sentence = format!("{name}: the run ends at {end}; expected --at up to that");
            return Err(Failure::BadInput(sentence));
        }
        Ok(self.at)
    }

    fn wanted(&self) -> Wanted {
        let (theme, language) = (self.look.theme(), self.look.language());
        Wanted { view: self.view.unwrap_or_default(), theme, language }
    }
}

impl LookOptions {
    /// Refuses options that have no meaning for this format. `None` is a format without pictures.
    pub fn check(&self, format: Option<Pixels>) -> Result<(), Failure> {
        let given = [("theme", self.theme.is_some()), ("lang", self.lang.is_some())];
        match (given.into_iter().find(|(_, is_given)| *is_given), format) {
            (Some((name, _)), None) => Err(for_pictures(name)),
            (_, None | Some(Pixels::No)) if self.scale.is_some() => {
                let sentence = "--scale is for PNG; expected it with --format png";
                Err(Failure::BadInput(sentence.to_owned()))
            }
            _ => Ok(()),
        }
    }

    pub fn theme(&self) -> Theme {
        self.theme.unwrap_or_default()
    }

    pub fn language(&self) -> Language {
        self.lang.unwrap_or_default()
    }

    /// Prints an SVG document, converted to PNG if `pixels` says so.
    pub fn print(&self, svg: &str, pixels: Pixels, mut out: Output) -> Result<(), Failure> {
        match pixels {
            Pixels::Yes => out.write(&png::of(svg, self.scale.unwrap_or(SCALE))?)?,
            Pixels::No => out.print(svg)?,
        }
        out.finish()
    }
}

pub fn for_pictures(name: &str) -> Failure {
    let sentence =
        format!("--{name} is for pictures; expected it with --format svg or --format png");
    Failure::BadInput(sentence)
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

    /// Replacements for the system's fonts. The first one that is installed is used.
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

    /// The longest side of a PNG, in pixels. Few programs open longer ones.
    const LONGEST: u32 = 16_384;

    /// The picture as PNG, `scale` times larger than the SVG.
    pub fn of(svg: &str, scale: u8) -> Result<Vec<u8>, Failure> {
        let failure = |error: &dyn core::fmt::Display| {
            Failure::CannotGoOn(format!("the picture cannot be painted: {error}"))
        };
        let options = Options { fontdb: Arc::new(fonts()?), ..Options::default() };
        let tree = Tree::from_str(svg, &options).map_err(|error| failure(&error))?;
        let scale = f32::from(scale);
        let size = tree.size().to_int_size().scale_by(scale);
        let size = size.ok_or_else(|| failure(&"it has no size"))?;
        let longest = size.width().max(size.height());
        if longest > LONGEST {
            let sentence = format!(
                "the picture would be {longest} pixels long; expected {LONGEST} at most, by a smaller \
                 --scale or by --format svg"
            );
            return Err(Failure::BadInput(sentence));
        }
        let mut pixels =
            Pixmap::new(size.width(), size.height()).ok_or_else(|| failure(&"it has no size"))?;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| failure(&error))
    }

    /// The fonts of this computer. All text uses one of them.
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
