//! Takes the colours and the rules of the ring and the diagram from the page's style sheet, so that the
//! pictures look like the page.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const SHEET: &str = "../web/style/page.css";

/// The comments in the style sheet before and after the rules that pictures need.
const PARTS: [(&str, &str); 3] = [
    (
        "/* An element with the class of a family of messages gets its colours. */",
        "/* Layout, and controls",
    ),
    ("/* The ring. */", "/* Menus cover the ring. */"),
    ("/* The space-time diagram. */", "/* Past, future and concurrent"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SHEET}");
    let sheet = fs::read_to_string(SHEET)?;
    let tokens = without_comments(between(&sheet, ":root {", "\n}")?);
    let mut rules = String::new();
    for (from, to) in PARTS {
        take_rules(&without_comments(between(&sheet, from, to)?), &mut rules);
    }
    let mut code =
        format!("const RULES: &str = {rules:?};\n\nconst TOKENS: &[(&str, &str)] = &[\n");
    for token in tokens.split(';') {
        let named = token
            .split_once(':')
            .and_then(|(name, value)| Some((name.trim().strip_prefix("--")?, value)));
        if let Some((name, value)) = named {
            writeln!(code, "({name:?}, {:?}),", value.trim())?;
        }
    }
    code += "];\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("style.rs"), code)?;
    Ok(())
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Result<&'a str, String> {
    let missing =
        |part: &str| format!("{SHEET} has no {part:?}, by which pictures find their style");
    let (_, rest) = text.split_once(from).ok_or_else(|| missing(from))?;
    Ok(rest.split_once(to).ok_or_else(|| missing(to))?.0)
}

fn without_comments(text: &str) -> String {
    // If the part begins inside its first comment, the rest of that comment is left out.
    let text = text.strip_prefix(" */").unwrap_or(text);
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Adds the rules whose selectors need no state, such as `:hover`, and no relation that a picture lacks.
fn take_rules(part: &str, rules: &mut String) {
    for rule in part.split('}') {
        let Some((selectors, declarations)) = rule.split_once('{') else { continue };
        // The text before the first rule may be the rest of a comment.
        let selectors = selectors.rsplit("*/").next().unwrap_or_default();
        let is_plain = |selector: &&str| !selector.contains([':', '@', '(', ')']);
        let plain: Vec<_> = selectors.split(',').map(str::trim).filter(is_plain).collect();
        if !plain.is_empty() {
            let declarations = declarations.split(';').filter_map(declaration).collect::<String>();
            rules.push_str(&[&plain.join(", "), " { ", &declarations, "}\n"].concat());
        }
    }
}

/// A declaration for the CSS parser that the pictures use. That parser knows no names that begin with two
/// hyphens and no nested functions, so values are written as strings.
fn declaration(text: &str) -> Option<String> {
    let (name, value) = text.split_once(':')?;
    let name = name.trim().trim_start_matches("--");
    Some(format!("{name}: '{}'; ", value.trim()))
}
