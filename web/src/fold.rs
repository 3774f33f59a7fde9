//! Letters as a search compares them. Also part of what builds the page, which has no other of its
//! modules.

/// `text` in small letters without accents; what is neither a letter nor a digit is a space.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

/// A letter without its accent.
const fn plain(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'a'..='z' | '0'..='9' => letter,
        _ => ' ',
    }
}
