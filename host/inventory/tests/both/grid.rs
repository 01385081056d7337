//! What cannot be merged.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use exhibit_inventory::{Code, Ending, ErrorState, Inventory};
use exhibit_rows::Value;

use crate::made::{NOW, Row, all, hash, identity, merge, merge_as, order, readings, row};

/// A row for each reason for which one is not merged.
pub(crate) fn unmergeable(number: u32) -> Vec<(Code, Row)> {
    let weak = |number: u32| row(number).with("hash", Value::Empty);
    let name = format!("bad{number}.example");
    let all = vec![
        (Code::NoIdentity, weak(number).with("serial", Value::Empty).with("issuer", Value::Empty)),
        (Code::DigestNotHexadecimal, row(number).with("hash", "not a digest")),
        (Code::DigestLength, row(number).with("hash", "abcdef")),
        (Code::NoIssuer, weak(number).with("issuer", "  ")),
        (Code::IssuerTooLong, weak(number).with("issuer", &*"x".repeat(5_000))),
        (Code::NoNumber, weak(number).with("serial", Value::Absent)),
        (Code::NumberNotHexadecimal, weak(number).with("serial", "2.19E+26")),
        (Code::NumberTooLong, weak(number).with("serial", &*"f".repeat(500))),
        (Code::WrongKind, row(number + 1).with("bits", "many")),
        (Code::DateOutOfRange, row(number + 2).with("ends", i64::MAX)),
        (Code::NotANumber, row(number + 3).with("score", Value::Number(f64::NAN))),
        (Code::TooLarge, row(number + 4).with("grade", &*"x".repeat(600_000))),
    ];
    all.into_iter().map(|(code, row)| (code, row.with("name", &*name))).collect()
}

pub(crate) async fn ten_reasons_do_not_stop_the_others_and_are_gone_once_mended(
    inventory: &Inventory,
) -> Result<()> {
    let bad = unmergeable(10_000);
    let good: Vec<Row> = (1..=50).map(row).collect();
    let mut rows = good.clone();
    for (at, (_, row)) in bad.iter().enumerate() {
        rows.insert(at * 3, row.clone());
    }
    let merged = merge(inventory, 1, &rows).await?;
    let codes: Vec<_> = inventory.errors(true).await?.into_iter().map(|it| it.code).collect();
    ensure!((merged.added, merged.unmerged) == (50, 12), "{merged:?} {codes:?}");
    let errors = inventory.errors(true).await?;
    let found: BTreeSet<Code> = errors.iter().map(|it| it.code).collect();
    ensure!(found == bad.iter().map(|it| it.0).collect(), "{found:?}");
    ensure!(errors.len() == 12 && errors.iter().all(|it| it.count == 1 && it.first == it.last));
    ensure!(errors.iter().all(|it| it.message.chars().count() < 1_000 && it.subject.chars().count() < 320));

    // The same again is no second occurrence; another run is.
    merge(inventory, 1, &rows).await?;
    ensure!(inventory.errors(true).await?.iter().all(|it| it.count == 1));
    merge(inventory, 2, &rows).await?;
    ensure!(inventory.errors(true).await?.iter().all(|it| it.count == 2 && it.first < it.last));

    // Half of them are mended: those are gone by themselves, and the others are not.
    let mended: Vec<Row> = (0..6).map(|it| row(20_000 + it)).collect();
    let left = bad.iter().skip(6).map(|it| it.1.clone());
    let rows: Vec<Row> = good.iter().chain(&mended).cloned().chain(left).collect();
    merge(inventory, 3, &rows).await?;
    ensure!(inventory.errors(true).await?.len() == 6);
    let gone = inventory.errors(false).await?.into_iter().filter(|it| it.state == ErrorState::Gone).count();
    ensure!(gone == 6 && all(inventory).await?.len() == 56);
    // A run that is not whole closes only what it merged itself.
    merge_as(inventory, order(4), &[row(10_001)], false).await?;
    ensure!(inventory.errors(true).await?.len() == 5);
    Ok(())
}

pub(crate) async fn an_error_that_a_person_resolved_opens_when_it_comes_again(
    inventory: &Inventory,
) -> Result<()> {
    let bad = [row(1).with("hash", "zz")];
    merge(inventory, 1, &bad).await?;
    let id = inventory.errors(true).await?.first().and_then(|it| it.id).context("an error with a number")?;
    let resolved_at = order(5).at;
    ensure!(inventory.resolve(id, "ada", "a test host", resolved_at).await?);
    ensure!(!inventory.resolve(id + 1, "ada", "a test host", resolved_at).await?);
    ensure!(inventory.errors(true).await?.is_empty());
    let state = inventory.errors(false).await?.first().map(|it| it.state.clone());
    let resolved =
        ErrorState::Resolved { by: "ada".to_owned(), word: "a test host".to_owned(), at: resolved_at };
    ensure!(state == Some(resolved), "{state:?}");
    merge(inventory, 4, &bad).await?;
    ensure!(inventory.errors(true).await?.is_empty(), "it was known when it was resolved");
    merge(inventory, 6, &bad).await?;
    ensure!(inventory.errors(true).await?.len() == 1);
    Ok(())
}

pub(crate) async fn a_rejected_record_was_seen(inventory: &Inventory) -> Result<()> {
    merge(inventory, 1, &[row(1), row(2)]).await?;
    let mut run = inventory.merge(order(2)).await?;
    run.page(&readings(&[row(2)])).await?;
    let hash = hash(1);
    run.rejected([(hash.as_str(), "its dates\u{1b}[31m are no dates")].into_iter()).await?;
    run.finish(Ending { is_whole: true, shown: 2 }).await?;
    let item = inventory.show(&identity(1), crate::made::AS_OF).await?.item;
    ensure!(item.missed == 0 && item.last_seen == Some(order(2).at), "{item:?}");
    ensure!(item.values.contains_key("issuer"), "what was known stays");
    let errors = inventory.errors(true).await?;
    ensure!(
        errors.iter().all(|it| it.code == Code::Rejected && !it.message.contains('\u{1b}'))
            && errors.len() == 1
    );
    let runs = inventory.runs().await?;
    ensure!(runs.iter().all(|it| it.proves_absence && it.at < NOW));
    Ok(())
}
