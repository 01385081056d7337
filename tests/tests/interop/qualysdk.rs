//! A client that others wrote, PyPI's `qualysdk`, gets along with the simulator.

use anyhow::{Result, ensure};
use exhibit_simulator::{Simulator, World};

use crate::tools::Python;

/// The version that is known to work; a newer one may change what it sends.
const PACKAGE: &str = "qualysdk==0.3.17";

#[tokio::test]
async fn qualysdk_lists_hosts_and_scans() -> Result<()> {
    let Some(python) = Python::with("qualysdk", &[PACKAGE]).await? else { return Ok(()) };
    let world = World { assets: 230, was_scans: 250, ..World::default() };
    let (username, password) = (world.username.clone(), world.password.clone());
    let simulator = Simulator::start(world).await?;
    let arguments = [&*simulator.url(), &username, &password];
    let said = python.run(include_str!("qualysdk.py"), &arguments).await?;
    ensure!(said.ends_with("hosts 230 scans 120 web 250\n"), "{said}");
    let statuses: Vec<_> = simulator.requests().iter().map(|request| request.status).collect();
    ensure!(statuses.iter().all(|&status| status == 200), "{statuses:?}");
    Ok(())
}
