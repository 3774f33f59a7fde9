//! Takes a picture of the page in `ANTES_DIST` for every size, language, theme and moment: `matrix FOLDER
//! [PART-OF-A-NAME]`. Fails if it finds overlaps, cut text or scroll bars.

use std::env::args;
use std::fs;
use std::path::PathBuf;

use antes_e2e::{Result, Visitor, bail, matrix};

fn main() -> Result<()> {
    let Some(folder) = args().nth(1).map(PathBuf::from) else {
        eprintln!("usage: matrix FOLDER [PART-OF-A-NAME]");
        std::process::exit(2);
    };
    let part = args().nth(2).unwrap_or_default();
    fs::create_dir_all(&folder)?;
    let mut views = matrix::all();
    views.retain(|view| view.name().contains(&part));
    let mut faulty = 0;
    Visitor::laptop().visit_unopened(async |page| {
        for view in &views {
            matrix::show(page, view).await?;
            let picture = page.screenshot_as_png().await?;
            fs::write(folder.join(format!("{}.png", view.name())), picture)?;
            let faults = matrix::faults(page).await?;
            if !faults.is_empty() {
                faulty += 1;
                println!("{}:", view.name());
                faults.iter().for_each(|fault| println!("  {fault}"));
            }
        }
        Ok(())
    })?;
    println!("{} pictures in {}, {faulty} with faults", views.len(), folder.display());
    if faulty > 0 {
        bail!("{faulty} of {} pictures have faults", views.len());
    }
    Ok(())
}
