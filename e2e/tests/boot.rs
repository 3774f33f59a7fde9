//! The page where it cannot run.

use std::fs;

use antes_e2e::{Result, Visitor, ensure, page_folder};
use tempfile::TempDir;

/// The page under test without its program.
fn page_without_program() -> Result<TempDir> {
    let copy = TempDir::new()?;
    for entry in fs::read_dir(page_folder())? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, copy.path().join(name))?;
        }
    }
    for entry in fs::read_dir(copy.path())? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "wasm") {
            fs::remove_file(path)?;
        }
    }
    Ok(copy)
}

#[test]
fn page_says_in_words_that_its_program_cannot_be_loaded() -> Result<()> {
    let page = page_without_program()?;
    Visitor::laptop().to_folder(page.path()).visit_unopened(async |page| {
        page.goto(page.address("")).await?;
        page.wait_for_text("#boot", "Antes could not go on").await?;
        page.wait_for_text("#boot", "404").await?;
        ensure!(!page.take_errors().await?.is_empty(), "the console says nothing");
        Ok(())
    })
}

#[test]
fn page_says_it_in_the_language_of_the_browser() -> Result<()> {
    let page = page_without_program()?;
    let visitor = Visitor::phone().dark().language("pt-BR");
    visitor.to_folder(page.path()).visit_unopened(async |page| {
        page.goto(page.address("")).await?;
        page.wait_for_text("#boot", "não pôde continuar").await?;
        page.screenshot("boot-failed-phone").await?;
        page.take_errors().await?;
        Ok(())
    })
}
