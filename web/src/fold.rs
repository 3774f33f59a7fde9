//! Normalizes letters for searching. Also used by the page's build script, which uses no other
//! module of the page.

/// `text` in lower case without accents. Characters other than letters and digits become spaces.
pub fn fold(text: &str) -> String {
    text.chars().map(plain).collect()
}

/// A letter in lower case, without its accent. The standard library's tables of all alphabets would add
/// 5 kB to the page.
const fn plain(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'Á' | 'À' | 'Â' | 'Ã' | 'Ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ç' | 'Ç' => 'c',
        'a'..='z' | 'A'..='Z' | '0'..='9' => letter.to_ascii_lowercase(),
        _ => ' ',
    }
}
