//! Packages that were collected in spite of faults of all kinds are made again elsewhere, byte for byte.

use std::fs;

use anyhow::{Result, ensure};
use exhibit_simulator::{Fault, Rule, World};

use crate::dice::Dice;
use crate::rounds;
use crate::stage::Stage;
use crate::tree::copy;

/// How many packages are made.
const PACKAGES: &str = "EXHIBIT_TESTS_PACKAGES";
const USUAL_PACKAGES: u64 = 6;

/// Something that goes wrong and can be got over.
fn fault(dice: &mut Dice) -> Rule {
    let bytes = dice.below(60_000);
    let request = 1 + u32::try_from(dice.below(4)).unwrap_or(0);
    let passing = [
        Fault::ResetAt(bytes),
        Fault::TruncateAt(bytes),
        Fault::ServerError,
        Fault::BadGateway,
        Fault::Maintenance,
        Fault::RetryLater,
        Fault::RateLimited { seconds: 1, header: true },
        Fault::TooManyRunning { calls: 1 },
        Fault::TooManyRequests { retry_after_seconds: 1 },
    ];
    let lasting = [
        Fault::LowerCase,
        Fault::NoDeclaration,
        Fault::CommentInRecord,
        Fault::RecordEndInCdata,
        Fault::ControlCharacters,
        Fault::BadUtf8,
        Fault::RepeatBorderTicket,
    ];
    if dice.below(3) == 0 {
        Rule::always(dice.of(&lasting).clone())
    } else {
        Rule::on_request(request, dice.of(&passing).clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_wrong_does_not_show_when_it_is_made_again() -> Result<()> {
    let packages = rounds(PACKAGES, USUAL_PACKAGES);
    let mut dice = Dice::new(11);
    let (mut kept, mut refused, mut broken) = (0, 0, 0);
    for number in 0..packages * 2 {
        if kept == packages {
            break;
        }
        let world = World {
            assets: 150,
            users: 12,
            scans: 20,
            compliance_scans: 10,
            tickets: 1_200,
            seed: number,
            rate_limit: 100_000,
            ..World::default()
        };
        let stage = Stage::new(world).await?;
        let faults: Vec<Rule> = (0..=dice.below(3)).map(|_| fault(&mut dice)).collect();
        stage.source.faults().set(faults.clone());
        let types = stage.types().await?;
        let proof = dice.of(&types);
        let mut further = vec!["--as-of", "2026-11-01", "--test", "suggested"];
        if proof == "assets" {
            further.extend(["--set", "page-size=40"]);
        }
        let called = stage.collect(proof, "here", &further).await?;
        let what = format!("package {number}, {proof}, {faults:?}");
        if called.code == Some(3) {
            // What cannot be got over leaves nothing, and is said.
            ensure!(!stage.path("here").exists(), "{what}: {called:?}");
            refused += 1;
            continue;
        }
        ensure!(matches!(called.code, Some(0 | 1)), "{what}: {called:?}");
        kept += 1;
        broken += stage.kept("here").answers()?.iter().filter(|it| !it["broken"].is_null()).count();
        let first = stage.exhibit(&["verify", "here", "--json"]).await?;
        ensure!(first.code == Some(0), "{what}: {first:?}");
        copy(&stage.path("here"), &stage.path("elsewhere/there"))?;
        fs::remove_dir_all(stage.path("here"))?;
        let second = stage.exhibit(&["verify", "elsewhere/there", "--json"]).await?;
        ensure!(second.code == Some(0), "{what}: {second:?}");
        ensure!(first.stdout == second.stdout, "{what}: {}\n{}", first.stdout, second.stdout);
    }
    println!("{kept} packages made twice, {broken} broken answers among them; {refused} collections refused");
    ensure!(kept == packages, "most faults should be got over: {refused} collections were refused");
    Ok(())
}
