//! How wide texts are: what it takes to know whether two of them lie on each other.

/// The printable characters of ASCII but the space, whose widths are measured.
pub const MEASURED: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
    abcdefghijklmnopqrstuvwxyz{|}~";

/// The first of them.
const FIRST: u32 = '!' as u32;

/// How far a text reaches above and below its baseline, in its size.
const ABOVE: f64 = 0.8;
const BELOW: f64 = 0.25;

/// The size of a text, and the widths of its characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    em: f64,
    is_measured: bool,
    /// Of [`MEASURED`], in their order.
    widths: Vec<f64>,
}

impl Face {
    /// A face of which only the size is known: no character is taken to be wider than this.
    pub fn guessed(em: f64) -> Self {
        Self { em, is_measured: false, widths: vec![em * 0.75; MEASURED.len()] }
    }

    /// A face whose characters have these widths, in the order of [`MEASURED`].
    pub fn measured(em: f64, widths: Vec<f64>) -> Self {
        match widths.len() == MEASURED.len() {
            true => Self { em, is_measured: true, widths },
            false => Self { is_measured: true, ..Self::guessed(em) },
        }
    }

    /// Whether the browser has been asked.
    pub const fn is_measured(&self) -> bool {
        self.is_measured
    }

    /// The size of the text, in pixels.
    pub const fn em(&self) -> f64 {
        self.em
    }

    /// How wide a text is, at most about.
    pub fn width(&self, text: &str) -> f64 {
        text.chars().map(|letter| self.width_of(letter)).sum()
    }

    /// How far a text reaches above its baseline.
    pub const fn above(&self) -> f64 {
        self.em * ABOVE
    }

    /// How far a text reaches below its baseline.
    pub const fn below(&self) -> f64 {
        self.em * BELOW
    }

    fn width_of(&self, letter: char) -> f64 {
        let place =
            (letter as u32).checked_sub(FIRST).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.widths.get(place)) {
            Some(&width) => width,
            None if letter == ' ' || letter == '\u{a0}' => self.em * 0.35,
            // Accented letters are no wider than most; dots and arrows are one size wide.
            None if letter.is_alphabetic() => self.em * 0.65,
            None => self.em,
        }
    }
}

impl Default for Face {
    /// What it is taken for before it has been measured.
    fn default() -> Self {
        Self::guessed(13.0)
    }
}

/// The faces of the page's pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faces {
    /// Of the names of messages on the ring.
    pub ring: Face,
    /// Of what is written beside a node.
    pub caption: Face,
    /// Of all that is written in the diagram.
    pub chart: Face,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        let widths = (0..MEASURED.len()).map(|place| place as f64).collect();
        let face = Face::measured(10.0, widths);
        assert!((face.width("!\"#") - 3.0).abs() < 1e-9);
        assert!((face.width("é…") - 16.5).abs() < 1e-9);
    }

    #[test]
    fn what_could_not_be_measured_is_guessed() {
        let (told, guessed) = (Face::measured(10.0, vec![1.0]), Face::guessed(10.0));
        assert_eq!(told.width("COORDINATOR"), guessed.width("COORDINATOR"));
    }
}
