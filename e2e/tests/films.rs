//! Films of the page, read by ffprobe. `cargo xtask test films` runs them.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use antes_e2e::{Context, Page, Result, Visitor, ensure};
use common::away::{choose, open_panel, saved_by, set_film};
use serde_json::Value;

/// Half a second of the run, at the panel's quarter of real time: 2 s, and the last picture, which stays 1.5 s.
const PART: (f64, f64) = (2.4, 2.9);

/// The data that ffprobe reads from a film, after decoding all of it.
async fn probed(page: &Page, end: &str) -> Result<Value> {
    let button = format!("[data-action=film][data-about='.{end}']");
    let (name, film) = saved_by(page, &button, end).await?;
    let bytes: Vec<u8> = film.chars().map(|byte| byte as u8).collect();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join(&name);
    fs::write(&file, bytes)?;
    probe(&file)
}

fn probe(file: &Path) -> Result<Value> {
    let program = std::env::var_os("ANTES_FFPROBE").context("ANTES_FFPROBE names no program")?;
    let out = Command::new(program)
        .args(["-v", "warning", "-of", "json", "-count_frames", "-show_streams", "-show_format"])
        .arg(file)
        .output()?;
    let said = String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success() && said.is_empty(), "{}: {said}", file.display());
    Ok(serde_json::from_slice(&out.stdout)?)
}

/// A number that ffprobe writes as a text.
fn number(value: &Value) -> Result<f64> {
    let text = value.as_str().with_context(|| format!("expected a number, and not {value}"))?;
    Ok(text.parse()?)
}

#[test]
fn ffprobe_reads_a_gif_with_all_its_pictures_and_its_length() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=2400000&lang=en", async |page| {
        open_panel(page).await?;
        choose(page, "ring").await?;
        set_film(page, PART.0, PART.1).await?;
        let told = probed(page, "gif").await?;
        let film = &told["streams"][0];
        ensure!(told["format"]["format_name"] == "gif" && film["codec_name"] == "gif", "{told}");
        ensure!(film["width"] == 880 && film["height"] == 562, "{film}");
        // A picture each 0.08 s, and the last one.
        let frames = number(&film["nb_read_frames"])?;
        ensure!((frames - 26.0).abs() < 0.5, "it has {frames} pictures");
        let length = number(&told["format"]["duration"])?;
        ensure!((length - 3.5).abs() < 0.1, "it takes {length} s");
        Ok(())
    })
}

#[test]
fn ffprobe_reads_a_webm_with_its_pictures_and_its_length() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=2400000&lang=en", async |page| {
        open_panel(page).await?;
        choose(page, "ring").await?;
        set_film(page, PART.0, PART.1).await?;
        let told = probed(page, "webm").await?;
        let film = &told["streams"][0];
        let format = told["format"]["format_name"].as_str().unwrap_or_default();
        ensure!(format.contains("webm"), "{told}");
        ensure!(film["codec_name"] == "vp9" || film["codec_name"] == "vp8", "{film}");
        ensure!(film["width"] == 880 && film["height"] == 562, "{film}");
        // A slow browser leaves pictures out.
        let frames = number(&film["nb_read_frames"])?;
        ensure!((10.0..=90.0).contains(&frames), "it has {frames} pictures");
        let length = number(&told["format"]["duration"])?;
        ensure!((3.0..5.0).contains(&length), "it takes {length} s");
        Ok(())
    })
}
