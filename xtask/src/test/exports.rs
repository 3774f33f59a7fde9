//! Opens the exports of all library scenarios with the tools they are written for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::command::{cargo, root, run, target_dir};
use crate::tools;

/// Parses each Mermaid diagram with Mermaid, and draws each PlantUML diagram.
pub fn exports() -> Result<()> {
    run(&mut cargo(&["build", "--quiet", "--package", "antes-node"]))?;
    let folder = target_dir().join("exports");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("what was written before is in the way")?;
    }
    let mermaid = written("mermaid", "mmd", &folder)?;
    let plantuml = written("plantuml", "puml", &folder)?;
    run(Command::new("node")
        .arg(root().join("xtask/src/test/mermaid.mjs"))
        .arg(tools::mermaid()?)
        .arg(tools::jsdom()?)
        .args(&mermaid))
    .context("Mermaid does not read a diagram")?;
    run(Command::new(tools::java()?)
        .args(["-Djava.awt.headless=true", "-jar"])
        .arg(tools::plantuml()?)
        .args(["-failfast2", "-tsvg"])
        .args(&plantuml))
    .context("PlantUML does not read a diagram")?;
    for diagram in &plantuml {
        let drawn = diagram.with_extension("svg");
        ensure!(drawn.is_file(), "PlantUML has not drawn {}", diagram.display());
    }
    Ok(())
}

/// Writes each scenario in this format and returns the paths.
fn written(format: &str, ending: &str, folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).context("no folder for what is written")?;
    let mut files = Vec::new();
    for scenario in fs::read_dir(root().join("scenarios"))? {
        let scenario = scenario?.path();
        let name = scenario.file_stem().context("a scenario has a name")?;
        let file = folder.join(name).with_extension(ending);
        let out = fs::File::create(&file)?;
        let status = Command::new(target_dir().join("debug/antes"))
            .arg("run")
            .arg(&scenario)
            .args(["--format", format])
            .stdout(Stdio::from(out))
            .status()?;
        // Exit code 1 means that an invariant was violated, which some scenarios show.
        let is_written = matches!(status.code(), Some(0 | 1));
        ensure!(is_written, "antes run {} --format {format}: {status}", scenario.display());
        files.push(file);
    }
    ensure!(!files.is_empty(), "there are no scenarios");
    files.sort();
    Ok(files)
}
