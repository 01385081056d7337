//! `exhibit-package FOLDER PACKAGE TARGET BUILT PACKAGED`: copies the component BUILT, and writes into the
//! copy what PACKAGE, of the workspace in FOLDER, is built of for TARGET.

use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match packaged(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn packaged(arguments: &[String]) -> Result<String, String> {
    let [folder, package, target, built, packaged] = arguments else {
        return Err("usage: exhibit-package FOLDER PACKAGE TARGET BUILT PACKAGED".to_owned());
    };
    let about = exhibit_package::about(Path::new(folder), package, target, &[])?;
    let mut component = fs::read(built).map_err(|error| format!("reading {built}: {error}"))?;
    component.extend(about.sections);
    fs::write(packaged, component).map_err(|error| format!("writing {packaged}: {error}"))?;
    Ok(format!("built {packaged}: {}", about.summary))
}
