//! The simulator as a program.

mod arguments;

use std::{io::Write as _, process::ExitCode};

use anyhow::{Context as _, Result};
use arguments::{Arguments, Command};
use exhibit_simulator::Simulator;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("exhibit-simulator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match arguments::read(jiff::Timestamp::now().as_millisecond())? {
        Command::Help => {
            print!("{}", arguments::HELP);
            Ok(())
        }
        Command::Serve(arguments) => tokio::runtime::Runtime::new()
            .context("The system does not let the simulator run tasks")?
            .block_on(serve(*arguments)),
    }
}

async fn serve(arguments: Arguments) -> Result<()> {
    let simulator = Simulator::start_with(arguments.setup).await?;
    simulator.faults().set(arguments.rules);
    let mut output = std::io::stdout();
    writeln!(output, "listening on {}", simulator.url())
        .and_then(|()| output.flush())
        .context("Nobody reads where the simulator listens")?;
    tokio::select! {
        stopped = asked_to_stop() => stopped?,
        () = stdin_closed(), if arguments.until_stdin_closes => {}
    }
    simulator.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn asked_to_stop() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate()).context("The system does not report signals")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("The system does not report signals"),
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() -> Result<()> {
    tokio::signal::ctrl_c().await.context("The system does not report signals")
}

/// Waits on a thread of its own, since a read of standard input cannot be called off.
async fn stdin_closed() {
    let (closed, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Unreadable is as good as closed: the process that started the simulator is gone.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = closed.send(());
    });
    let _ = end.await;
}
