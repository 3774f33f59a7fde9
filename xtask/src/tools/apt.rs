//! Debian packages, if there is an `apt-get` and the right to use it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{cached, kept, on_path};
use crate::command::{ask, run, say};
use crate::lock::Lock;

/// Installs packages without asking. If that is impossible, the error says what to do.
pub fn install(packages: &[&str], estimate: &str) -> Result<()> {
    let names = packages.join(" ");
    let as_root = means().with_context(|| {
        format!(
            "on Debian, as root: apt-get install {names}; elsewhere, the packages of such names"
        )
    })?;
    say(&format!("installing Debian's {}: {estimate}", packages.join(" and ")));
    let _lock = Lock::of(&cached("apt-get", "here")?)?;
    run(&mut apt_get(as_root, &["update", "--quiet"]))?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    run(apt_get(as_root, &install).args(packages))
}

/// A file of a package that is not installed but unpacked into the cache: a program that needs no
/// libraries of other packages. Needs no root, unless the package lists are missing.
pub fn unpacked(package: &str, file: &str) -> Result<PathBuf> {
    let is_whole = |home: &Path| home.join(file).is_file();
    Ok(kept(package, "debian", is_whole, |part| download(package, part))?.join(file))
}

fn download(package: &str, into: &Path) -> Result<()> {
    on_path(&["apt-get"]).with_context(|| format!("on Debian, it is in the package {package}"))?;
    say(&format!("fetching Debian's {package}: a few seconds"));
    let download = || run(Command::new("apt-get").args(["download", package]).current_dir(into));
    download().or_else(|error| match means() {
        Some(as_root) => {
            let _lock = Lock::of(&cached("apt-get", "here")?)?;
            run(&mut apt_get(as_root, &["update", "--quiet"])).and_then(|()| download())
        }
        None => Err(error),
    })?;
    unpack(into)
}

/// Like `unpacked`, but from another release of Debian, whose package lists are fetched too. This
/// machine's lists are not changed. Needs no root.
pub fn unpacked_of(release: &str, package: &str, file: &str) -> Result<PathBuf> {
    let is_whole = |home: &Path| home.join(file).is_file();
    Ok(kept(package, release, is_whole, |part| download_of(release, package, part))?.join(file))
}

fn download_of(release: &str, package: &str, into: &Path) -> Result<()> {
    let mirror = mirror()?;
    say(&format!("fetching {package} of Debian's {release}: some seconds"));
    let apt = into.join("apt");
    fs::create_dir_all(apt.join("lists/partial")).context("cannot make a folder in the cache")?;
    fs::create_dir_all(apt.join("cache/archives/partial"))?;
    fs::write(
        apt.join("sources.list"),
        format!("deb [signed-by={KEYS}] {mirror} {release} main\n"),
    )?;
    let settings = [
        format!("Dir::Etc::sourcelist={}", apt.join("sources.list").display()),
        "Dir::Etc::sourceparts=/dev/null".to_owned(),
        format!("Dir::State::Lists={}", apt.join("lists").display()),
        format!("Dir::Cache={}", apt.join("cache").display()),
        "APT::Sandbox::User=root".to_owned(),
    ];
    for wish in [&["update"][..], &["download", package]] {
        let mut command = Command::new("apt-get");
        command.args(settings.iter().flat_map(|setting| ["-o", setting])).arg("--quiet");
        run(command.args(wish).current_dir(into))?;
    }
    unpack(into)?;
    Ok(fs::remove_dir_all(apt)?)
}

/// The keys that sign Debian's releases.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The URL from which this machine gets Debian's packages.
pub fn mirror() -> Result<String> {
    let wanted = "expected a Debian whose packages come from a mirror";
    let release = fs::read_to_string("/etc/os-release").context(wanted)?;
    let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let format = ["indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)"];
    let targets = ask("apt-get", &[&format[..], &["Created-By: Packages"]].concat());
    let start = format!("{} main ", name.context(wanted)?);
    let targets = targets.context(wanted)?;
    let own = targets.lines().find_map(|line| line.strip_prefix(&start));
    Ok(own.context(wanted)?.to_owned())
}

/// Unpacks the packages in a folder, and deletes the archives.
fn unpack(home: &Path) -> Result<()> {
    for archive in fs::read_dir(home)?.flatten() {
        if archive.path().extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(archive.path()).arg(home))?;
            fs::remove_file(archive.path())?;
        }
    }
    Ok(())
}

/// How to become root for `apt-get`: no command is needed, or a `sudo` that does not ask.
fn means() -> Option<&'static [&'static str]> {
    on_path(&["apt-get"])?;
    if ask("id", &["-u"])? == "0" {
        return Some(&[]);
    }
    ask("sudo", &["-n", "true"]).map(|_| ["sudo", "-n"].as_slice())
}

fn apt_get(as_root: &[&str], arguments: &[&str]) -> Command {
    // The system may be installing something at the moment.
    let patient = ["apt-get", "-o", "DPkg::Lock::Timeout=600"];
    let words: Vec<_> = as_root.iter().chain(&patient).chain(arguments).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
