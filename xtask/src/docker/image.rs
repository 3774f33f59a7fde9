//! Builds the cluster's image with the `Dockerfile`, or, if no image can be pulled, from this
//! machine's own build. Also makes stand-ins for the base image.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::{ask, cargo, root, run, say, target_dir};
use crate::tools::{self, Engine};

/// The user and group of the program, as in the `Dockerfile`.
const OWNER: &str = "10001";

/// The base image of the `Dockerfile`.
fn base() -> Result<String> {
    let text = fs::read_to_string(root().join("Dockerfile")).context("cannot read Dockerfile")?;
    let from = text.lines().find_map(|line| line.strip_prefix("FROM "));
    let name = from.and_then(|rest| rest.split_whitespace().next());
    Ok(name.context("the Dockerfile starts from nothing")?.to_owned())
}

/// Whether the base image is present or can be pulled.
pub fn base_is_there(engine: &Engine) -> Result<bool> {
    let base = base()?;
    if engine.ask(&["image", "inspect", &base]).is_some() {
        return Ok(true);
    }
    say(&format!("pulling {base}"));
    Ok(run(&mut engine.docker(&["pull", "--quiet", &base])).is_ok())
}

/// A stand-in for the base image: Debian with a C compiler, this machine's Rust, and the sources of
/// all dependencies. It is removed when this value is dropped.
pub struct StandIn<'a> {
    engine: &'a Engine,
    name: String,
}

impl<'a> StandIn<'a> {
    pub fn made(engine: &'a Engine) -> Result<Self> {
        let name = base()?;
        say(&format!("{name} cannot be pulled: making one from Debian's packages and this Rust"));
        let debian = tools::debian_with_compiler()?;
        let work = target_dir().join("stand-in");
        let _ = fs::remove_dir_all(&work);
        fs::create_dir_all(&work)?;
        let archive = work.join("image.tar");
        fs::copy(&debian, &archive).context("cannot copy Debian's files")?;
        vendor(&work)?;
        let rust = ask("rustc", &["--print", "sysroot"]).context("rustc is not on the PATH")?;
        let other = ["--exclude=lib/rustlib/wasm*", "--exclude=lib/rustlib/src"];
        add(&archive, "usr/local/rust", Path::new(&rust), &[&other[..], &["bin", "lib"]].concat())?;
        add(&archive, "usr/local/cargo", &work, &["config.toml", "vendor"])?;
        let path =
            "/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let change = format!("ENV CARGO_HOME=/usr/local/cargo PATH={path}");
        run(engine.docker(&["import", "--change", &change]).arg(&archive).arg(&name))?;
        fs::remove_dir_all(&work)?;
        Ok(Self { engine, name })
    }
}

impl Drop for StandIn<'_> {
    fn drop(&mut self) {
        let _ = self.engine.ask(&["image", "rm", "--force", &self.name]);
    }
}

/// Copies the sources of the dependencies and the settings that make cargo use them. The build in
/// the container then needs no network and no registry settings.
fn vendor(work: &Path) -> Result<()> {
    run(cargo(&["vendor", "--quiet", "--locked", "--versioned-dirs"])
        .arg(work.join("vendor"))
        .stdout(Stdio::null()))?;
    let config = "[source.crates-io]\nreplace-with = \"vendor\"\n\
                  [source.vendor]\ndirectory = \"/usr/local/cargo/vendor\"\n";
    fs::write(work.join("config.toml"), config).context("cannot write the settings of cargo")
}

/// Adds files of a folder to an archive, below another name.
fn add(archive: &Path, below: &str, folder: &Path, files: &[&str]) -> Result<()> {
    let transform = format!("--transform=flags=r;s,^,{below}/,");
    run(Command::new("tar")
        .arg("-rf")
        .arg(archive)
        .arg(transform)
        .arg("-C")
        .arg(folder)
        .args(files))
}

/// Builds the image from a program built on this machine, without a base image.
pub fn from_host(engine: &Engine, name: &str) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("nothing can be pulled, and this machine's own programs do not run in containers");
    }
    let target = ask("rustc", &["--print", "host-tuple"]).context("rustc is not on the PATH")?;
    run(cargo(&["build", "--release", "--locked", "-p", "antes-node", "--no-default-features"])
        .args(["--target", &target])
        .env("RUSTFLAGS", "-C target-feature=+crt-static"))?;
    let work = target_dir().join("image");
    for folder in ["data", "secret"] {
        fs::create_dir_all(work.join(folder))?;
    }
    let program: PathBuf = [target.as_str(), "release", "antes"].iter().collect();
    fs::copy(target_dir().join(program), work.join("antes")).context("cannot copy the program")?;
    let owner = [format!("--owner={OWNER}"), format!("--group={OWNER}")];
    let archive = work.join("image.tar");
    run(Command::new("tar")
        .arg("-cf")
        .arg(&archive)
        .args(owner)
        .arg("-C")
        .arg(&work)
        .args(["antes", "data", "secret"]))?;
    let user = format!("USER {OWNER}:{OWNER}");
    let changes = [user.as_str(), "ENTRYPOINT [\"/antes\"]", "CMD [\"node\"]"];
    let mut import = engine.docker(&["import"]);
    import.args(changes.iter().flat_map(|change| ["--change", change]));
    run(import.arg(&archive).arg(name))
}
