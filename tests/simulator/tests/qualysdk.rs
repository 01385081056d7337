//! A client that others wrote, PyPI's `qualysdk`, gets along with the simulator.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use exhibit_simulator::{Simulator, World};
use tokio::{process::Command, time::timeout};

/// The version that is known to work; a newer one may change what it sends.
const PACKAGE: &str = "qualysdk==0.3.17";

/// Installing takes half a minute with its dependencies; who waits longer has no usable network.
const PATIENCE: Duration = Duration::from_secs(240);

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a program to its end; the error says what it wrote, or why it did not run.
async fn run(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output())
        .await
        .map_err(|_| format!("{} takes too long", program.display()))?
        .map_err(|error| format!("{} does not run: {error}", program.display()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Python with the package, or why there is none.
async fn python_with_qualysdk(folder: &Folder) -> Result<PathBuf, String> {
    let environment = folder.0.to_string_lossy().into_owned();
    run(Path::new("python3"), &["-m", "venv", &environment]).await?;
    let python = folder.0.join("bin").join("python");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    run(&python, &install).await?;
    Ok(python)
}

#[tokio::test]
async fn qualysdk_lists_hosts_and_scans() {
    let name = format!("exhibit-qualysdk-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(name));
    let python = match python_with_qualysdk(&folder).await {
        Ok(python) => python,
        Err(reason) => {
            return exhibit_skipped::skip("pip", format!("{PACKAGE} cannot be installed: {reason}"))
                .expect("a skip");
        }
    };
    let world = World { assets: 230, ..World::default() };
    let (username, password) = (world.username.clone(), world.password.clone());
    let simulator = Simulator::start(world).await.expect("a free port");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/qualysdk.py");
    let script = script.to_string_lossy().into_owned();
    let arguments = [script.as_str(), &simulator.url(), &username, &password];
    let said = run(&python, &arguments).await.expect("the client ends well");
    assert!(said.ends_with("hosts 230 scans 120\n"), "{said}");
    let statuses: Vec<_> = simulator.requests().iter().map(|request| request.status).collect();
    assert!(statuses.iter().all(|&status| status == 200), "{statuses:?}");
}
