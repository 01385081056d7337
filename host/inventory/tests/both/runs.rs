//! What runs prove of the items that they do not show.

use anyhow::{Context as _, Result, ensure};
use exhibit_inventory::{By, Entry, Inventory, Status};

use crate::made::{AS_OF, NOW, Row, all, dump, identity, merge, merge_as, order, readings, row};

pub(crate) async fn only_a_whole_run_says_what_is_gone(inventory: &Inventory) -> Result<()> {
    let both = [row(100), row(200)];
    merge(inventory, 1, &both).await?;
    let missed = async || anyhow::Ok(inventory.show(&identity(100), AS_OF).await?.item.missed);
    // A filtered run, one that fails after a page, and one with a record that may be any of the items.
    merge_as(inventory, order(2), &both[1..], false).await?;
    inventory.merge(order(3)).await?.page(&readings(&both[1..])).await?;
    merge(inventory, 4, &[row(200), row(300).with("hash", "zz")]).await?;
    ensure!(missed().await? == 0);
    // Another source never showed it.
    merge_as(inventory, exhibit_inventory::RunOrder { source: "t".to_owned(), ..order(5) }, &both[1..], true)
        .await?;
    ensure!(missed().await? == 0);
    merge(inventory, 6, &both[1..]).await?;
    let item = inventory.show(&identity(100), AS_OF).await?.item;
    ensure!(
        (item.missed, item.status, item.last_seen) == (1, Status::NotSeen, Some(order(1).at)),
        "{item:?}"
    );
    merge(inventory, 7, &both[1..]).await?;
    ensure!(missed().await? == 2);
    merge(inventory, 8, &both).await?;
    ensure!(missed().await? == 0, "it is there again");
    Ok(())
}

pub(crate) async fn a_collapse_waits_for_a_person(inventory: &Inventory) -> Result<()> {
    let rows: Vec<Row> = (1..=40).map(row).collect();
    merge(inventory, 1, &rows).await?;
    merge(inventory, 2, &[]).await?;
    ensure!(all(inventory).await?.iter().all(|it| it.missed == 0));
    let doubted =
        inventory.runs().await?.into_iter().find(|it| it.is_doubted).context("a run that is doubted")?;
    ensure!(inventory.confirm(&doubted.evidence, "ada").await?);
    ensure!(all(inventory).await?.iter().all(|it| it.status == Status::NotSeen));
    ensure!(!inventory.confirm("sha256:other", "ada").await?);
    Ok(())
}

pub(crate) async fn all_of_it_can_be_built_again(inventory: &Inventory) -> Result<()> {
    let runs = [
        vec![row(1), row(2), row(7).with("hash", "zz")],
        vec![row(1).with("name", "x.example"), row(2)],
        vec![row(2), row(3), row(9)],
    ];
    for (day, rows) in (1..).zip(&runs) {
        merge(inventory, day, rows).await?;
    }
    let team = Entry { field: "team".to_owned(), value: Some("Web".to_owned()) };
    let by = By { person: "ada".to_owned(), at: NOW };
    inventory.assign(&[identity(1)], std::slice::from_ref(&team), &by).await?;
    inventory.move_to_group(&[identity(2)], "Shop", &by).await?;
    let before = dump(inventory).await?;
    let mut late = inventory.merge(order(3)).await?;
    inventory.forget_evidence().await?;
    let error = late.page(&readings(&runs[2])).await.err().context("its run is gone")?;
    ensure!(error.is_transient(), "{error}");
    for day in [3, 1, 2] {
        merge(inventory, day, &runs[usize::try_from(day)? - 1]).await?;
    }
    inventory.remove_unknown().await?;
    ensure!(dump(inventory).await? == before, "{before}\n{}", dump(inventory).await?);
    // Without one of the evidence, what it alone showed is gone, but for what a person entered something of.
    inventory.assign(&[identity(9)], &[team], &by).await?;
    inventory.forget_evidence().await?;
    for day in [1, 2] {
        merge(inventory, day, &runs[usize::try_from(day)? - 1]).await?;
    }
    inventory.remove_unknown().await?;
    let left: Vec<String> = all(inventory).await?.into_iter().map(|it| it.identity).collect();
    ensure!(left == [identity(1), identity(2), identity(9)], "{left:?}");
    Ok(())
}
