//! The widths of texts, which are needed to find out whether two texts overlap.

/// The characters whose widths are measured: printable ASCII without the space.
pub const MEASURED: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
    abcdefghijklmnopqrstuvwxyz{|}~";

/// The largest width of each of them, in hundredths of the type size. They are those of DejaVu Sans Bold,
/// which is wider than the other fonts that the pictures name, and than their lighter weights.
const WIDEST: [u8; 94] = [
    46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70,
    70, 70, 40, 40, 84, 84, 84, 59, 100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84,
    86, 74, 86, 78, 73, 69, 82, 78, 111, 78, 73, 73, 46, 37, 46, 84, 50, 50, 68, 72, 60, 72, 68,
    44, 72, 72, 35, 35, 67, 35, 105, 72, 69, 72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37,
    72, 84,
];

/// The first character of [`MEASURED`].
const FIRST: u32 = '!' as u32;

/// How far a text reaches above and below its baseline, as shares of the type size.
const ABOVE: f64 = 0.8;
const BELOW: f64 = 0.25;

/// The size of a text, and the widths of its characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    em: f64,
    is_measured: bool,
    /// In the order of [`MEASURED`].
    widths: Vec<f64>,
}

impl Face {
    /// A face of which only the size is known. Its width is estimated for every character.
    pub fn guessed(em: f64) -> Self {
        Self { em, is_measured: false, widths: vec![em * 0.75; MEASURED.len()] }
    }

    /// A face for documents, where no browser measures: its widths are upper bounds for every font that the
    /// reader may have. `spacing` is added after each character.
    pub fn widest(em: f64, spacing: f64) -> Self {
        let widths = WIDEST.map(|hundredths| em * f64::from(hundredths) / 100.0 + spacing);
        Self { em, is_measured: true, widths: widths.to_vec() }
    }

    /// A face with measured widths, in the order of [`MEASURED`].
    pub fn measured(em: f64, widths: Vec<f64>) -> Self {
        match widths.len() == MEASURED.len() {
            true => Self { em, is_measured: true, widths },
            false => Self { is_measured: true, ..Self::guessed(em) },
        }
    }

    /// Whether the widths come from the browser.
    pub const fn is_measured(&self) -> bool {
        self.is_measured
    }

    /// The type size, in pixels.
    pub const fn em(&self) -> f64 {
        self.em
    }

    /// An upper estimate of a text's width, in pixels.
    pub fn width(&self, text: &str) -> f64 {
        text.chars().map(|letter| self.width_of(letter)).sum()
    }

    /// How far a text reaches above its baseline, in pixels.
    pub const fn above(&self) -> f64 {
        self.em * ABOVE
    }

    /// How far a text reaches below its baseline, in pixels.
    pub const fn below(&self) -> f64 {
        self.em * BELOW
    }

    fn width_of(&self, letter: char) -> f64 {
        let letter = without_accent(letter);
        let place =
            (letter as u32).checked_sub(FIRST).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.widths.get(place)) {
            Some(&width) => width,
            None if letter == ' ' || letter == '\u{a0}' => self.em * 0.35,
            // Other characters, such as dots and arrows, are one type size wide.
            None if is_letter(letter) => self.em * 0.65,
            None => self.em,
        }
    }
}

/// Whether it is a Latin, Greek or Cyrillic letter. Letters of other scripts may be as wide as the type
/// size. A table of all alphabets would add 1 kB to the page.
const fn is_letter(letter: char) -> bool {
    matches!(letter, 'a'..='z' | 'A'..='Z' | 'À'..='ʯ' | 'Ͱ'..='ԯ') && !matches!(letter, '×' | '÷')
}

/// The letter without its accent. Both have the same width.
const fn without_accent(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' => 'a',
        'é' | 'ê' => 'e',
        'í' => 'i',
        'ó' | 'ô' | 'õ' => 'o',
        'ú' => 'u',
        'ç' => 'c',
        'À' | 'Á' | 'Â' | 'Ã' => 'A',
        'É' | 'Ê' => 'E',
        'Í' => 'I',
        'Ó' | 'Ô' | 'Õ' => 'O',
        'Ú' => 'U',
        'Ç' => 'C',
        letter => letter,
    }
}

impl Default for Face {
    /// The estimate before the browser has measured.
    fn default() -> Self {
        Self::guessed(13.0)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faces {
    /// For the names of messages on the ring.
    pub ring: Face,
    /// For the labels beside nodes.
    pub caption: Face,
    /// For all texts of the diagram.
    pub chart: Face,
}

impl Faces {
    /// Upper bounds for documents, in the sizes of the page's style sheet.
    pub fn widest() -> Self {
        Self {
            ring: Face::widest(13.0, 13.0 * 0.02),
            caption: Face::widest(14.5, 0.0),
            chart: Face::widest(12.5, 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        let widths = (0..MEASURED.len()).map(|place| place as f64).collect();
        let face = Face::measured(10.0, widths);
        assert!((face.width("!\"#") - 3.0).abs() < 1e-9);
        assert!((face.width("é") - face.width("e")).abs() < 1e-9);
        assert!((face.width("…") - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_letter_beyond_the_measured_ones_is_narrower_than_a_sign_or_a_letter_of_another_script() {
        let face = Face::guessed(10.0);
        for letter in ["ñ", "Š", "λ", "Ж"] {
            assert!((face.width(letter) - 6.5).abs() < 1e-9, "{letter}");
        }
        for wide in ["×", "→", "時"] {
            assert!((face.width(wide) - 10.0).abs() < 1e-9, "{wide}");
        }
    }

    #[test]
    fn a_width_that_could_not_be_measured_is_guessed() {
        let (told, guessed) = (Face::measured(10.0, vec![1.0]), Face::guessed(10.0));
        assert_eq!(told.width("COORDINATOR"), guessed.width("COORDINATOR"));
    }
}
