//! What becomes of known and new items.

use anyhow::{Context as _, Result, ensure};
use exhibit_inventory::{By, Entry, Filter, Inventory, InventoryError, Status};
use exhibit_rows::Value;
use serde_json::json;

use crate::made::{AS_OF, DAY, GROUP, NOW, all, identity, merge, row};

pub(crate) async fn an_empty_field_is_filled_a_given_one_wins_and_what_is_not_given_stays(
    inventory: &Inventory,
) -> Result<()> {
    let first =
        merge(inventory, 1, &[row(1).with("grade", Value::Empty).with("bits", Value::Absent)]).await?;
    ensure!((first.added, first.changed) == (1, 0));
    let second = merge(inventory, 2, &[row(1).with("grade", "B").with("name", "new.example")]).await?;
    ensure!((second.added, second.changed, second.unchanged) == (0, 1, 0), "{second:?}");
    let nothing: &[&str] = &[];
    let third = [row(1)
        .with("grade", Value::Empty)
        .with("hosts", nothing)
        .with("name", "")
        .with("bits", Value::Absent)];
    let third = merge(inventory, 3, &third).await?;
    ensure!((third.changed, third.unchanged) == (0, 1), "{third:?}");
    let shown = inventory.show(&identity(1), AS_OF).await?;
    for (field, value) in [
        ("grade", json!("B")),
        ("name", json!("new.example")),
        ("bits", json!(2048)),
        ("hosts", json!(["h1"])),
    ] {
        ensure!(shown.item.values.get(field) == Some(&value), "{field}: {:?}", shown.item.values.get(field));
    }
    ensure!(shown.item.title == "new.example");
    let names = shown.facts.get("name").context("there is a name")?;
    let of = |at: usize| {
        names.get(at).map(|it| (it.value.clone(), it.first.evidence.as_str(), it.last.evidence.as_str()))
    };
    ensure!(of(0) == Some((json!("new.example"), "sha256:2", "sha256:2")), "{names:?}");
    ensure!(of(1) == Some((json!("n1.example"), "sha256:1", "sha256:1")), "{names:?}");
    let serials = shown.facts.get("serial").context("there is a serial number")?;
    ensure!(serials.len() == 1);
    ensure!(serials.first().is_some_and(
        |it| (it.first.evidence.as_str(), it.last.evidence.as_str()) == ("sha256:1", "sha256:3")
    ));
    Ok(())
}

pub(crate) async fn what_persons_entered_and_the_group_stay(inventory: &Inventory) -> Result<()> {
    merge(inventory, 1, &[row(1), row(2)]).await?;
    let by = By { person: "ada".to_owned(), at: NOW };
    let enter =
        |field: &str, value: Option<&str>| Entry { field: field.to_owned(), value: value.map(str::to_owned) };
    let entries = [enter("team", Some("Web")), enter("notes", Some("ask\nfirst"))];
    ensure!(inventory.assign(&[identity(1)], &entries, &by).await? == 2);
    ensure!(inventory.assign(&[identity(1)], &entries, &by).await? == 0, "the same once more");
    ensure!(inventory.move_to_group(&[identity(1)], "Shop", &by).await? == 1);
    merge(inventory, 2, &[row(1).with("name", "other.example"), row(2)]).await?;
    let shown = inventory.show(&identity(1), AS_OF).await?;
    ensure!(shown.item.group == "Shop" && shown.item.owned.get("team").is_some_and(|it| it == "Web"));
    ensure!(inventory.show(&identity(2), AS_OF).await?.item.group == GROUP);

    // Taken back, and still in its history.
    inventory
        .assign(&[identity(1)], &[enter("team", None)], &By { person: "bob".to_owned(), at: NOW + 1 })
        .await?;
    let shown = inventory.show(&identity(1), AS_OF).await?;
    ensure!(!shown.item.owned.contains_key("team"));
    let history: Vec<_> = shown
        .entries
        .iter()
        .filter(|it| it.field == "team")
        .map(|it| (it.value.as_deref(), it.by.as_str()))
        .collect();
    ensure!(history == [(None, "bob"), (Some("Web"), "ada")], "{history:?}");

    // All or none, and only fields of persons.
    let several = [identity(2), identity(9)];
    let refused = inventory.assign(&several, &[enter("team", Some("X"))], &by).await;
    ensure!(matches!(refused, Err(InventoryError::NoItem(_))));
    ensure!(inventory.show(&identity(2), AS_OF).await?.item.owned.is_empty());
    let refused = inventory.assign(&[identity(1)], &[enter("grade", Some("A"))], &by).await;
    ensure!(matches!(refused, Err(InventoryError::NotOwned { .. })));

    let owned = Filter { owned: vec![("notes".to_owned(), "ask\nfirst".to_owned())], ..Filter::default() };
    ensure!(inventory.list(&owned, AS_OF, None, 10).await?.0.len() == 1);
    Ok(())
}

pub(crate) async fn owners_and_groups_are_found_and_changes_are_remembered(
    inventory: &Inventory,
) -> Result<()> {
    merge(inventory, 1, &[row(1), row(2), row(3)]).await?;
    let ada = By { person: "ada".to_owned(), at: NOW };
    let team = Entry { field: "team".to_owned(), value: Some("Web Shop".to_owned()) };
    let notes = Entry { field: "notes".to_owned(), value: Some("web shop".to_owned()) };
    inventory.assign(&[identity(1)], &[team], &ada).await?;
    inventory.assign(&[identity(2)], &[notes], &ada).await?;
    for (filter, found) in [
        (Filter { owner: Some("web SHOP".to_owned()), ..Filter::default() }, vec![identity(1)]),
        (Filter { owner: Some("web".to_owned()), ..Filter::default() }, vec![]),
        (Filter { is_unowned: true, ..Filter::default() }, vec![identity(2), identity(3)]),
    ] {
        let mut items: Vec<String> =
            inventory.list(&filter, AS_OF, None, 10).await?.0.into_iter().map(|it| it.identity).collect();
        items.sort();
        ensure!(items == found, "{filter:?}: {items:?}");
    }

    ensure!(inventory.move_to_group(&[identity(1), identity(2)], "Shop", &ada).await? == 2);
    ensure!(inventory.move_to_group(&[identity(1)], "Shop", &ada).await? == 0, "it is there already");
    let groups: Vec<(String, u64)> =
        inventory.groups().await?.into_iter().map(|it| (it.name, it.items)).collect();
    ensure!(groups.iter().any(|it| *it == ("Shop".to_owned(), 2)) && groups.len() == 2, "{groups:?}");
    let bob = By { person: "bob".to_owned(), at: NOW + 1 };
    ensure!(inventory.rename_group("Shop", "Web shop", &bob).await? == 2);
    ensure!(inventory.rename_group("Shop", "Other", &bob).await? == 0, "it is gone");
    let shown = inventory.show(&identity(1), AS_OF).await?;
    let moves: Vec<(&str, Option<&str>)> = shown
        .entries
        .iter()
        .filter(|it| it.field == "group")
        .map(|it| (it.by.as_str(), it.value.as_deref()))
        .collect();
    ensure!(moves == [("bob", Some("Web shop")), ("ada", Some("Shop"))], "{moves:?}");
    ensure!(!shown.item.owned.contains_key("group"), "it is no field that persons fill in");
    Ok(())
}

pub(crate) async fn serials_of_two_issuers_with_one_name_are_two_items(inventory: &Inventory) -> Result<()> {
    let of_ca = |number: u32| row(number).with("issuer", "Easy-RSA CA").with("serial", "01");
    merge(inventory, 1, &[of_ca(1), of_ca(2)]).await?;
    ensure!(all(inventory).await?.len() == 2);
    ensure!(inventory.errors(true).await?.is_empty(), "both have fingerprints");
    Ok(())
}

pub(crate) async fn a_row_without_fingerprint_is_never_merged_with_one_that_has_its_number(
    inventory: &Inventory,
) -> Result<()> {
    let weak = || row(1).with("hash", Value::Absent).with("serial", "00:01").with("grade", "F");
    // Alone, it is an item of its own.
    merge(inventory, 1, &[weak()]).await?;
    ensure!(all(inventory).await?.len() == 1);
    // Beside one with a fingerprint it is not: nothing of that one is changed, and the grid names both.
    merge(inventory, 2, &[row(1), weak()]).await?;
    let items = all(inventory).await?;
    let [item] = items.as_slice() else { anyhow::bail!("one item should be listed: {items:?}") };
    ensure!(item.identity == identity(1) && !item.values.contains_key("grade"));
    let errors = inventory.errors(true).await?;
    let [error] = errors.as_slice() else { anyhow::bail!("one error: {errors:?}") };
    ensure!(error.code.word() == "ambiguous" && error.message.contains(&identity(1)), "{error:?}");

    // Two without fingerprint that are not the same: both are listed, and neither is merged.
    let other = |number| row(number).with("hash", Value::Absent).with("serial", "77");
    merge(inventory, 3, &[row(1), other(5), other(6)]).await?;
    let weak = all(inventory).await?.into_iter().filter(|it| it.identity.starts_with("number:")).count();
    ensure!(weak == 2 && inventory.errors(true).await?.len() == 3);
    Ok(())
}

pub(crate) async fn one_certificate_on_several_hosts_is_one_item(inventory: &Inventory) -> Result<()> {
    let hosts: &[&str] = &["h1", "h2"];
    merge(inventory, 1, &[row(1).with("hosts", hosts)]).await?;
    for (place, found) in [("H2", 1), ("h", 0)] {
        let at = Filter { place: Some(place.to_owned()), ..Filter::default() };
        ensure!(inventory.list(&at, AS_OF, None, 10).await?.0.len() == found, "{place}");
    }
    Ok(())
}

pub(crate) async fn renewals_are_linked_by_names_and_places(inventory: &Inventory) -> Result<()> {
    let of = |number: u32, host: &[&str], begins: i64, ends: i64| {
        row(number)
            .with("name", "shop.example")
            .with("hosts", host)
            .with("begins", NOW + begins * DAY)
            .with("ends", NOW + ends * DAY)
    };
    let old = [of(1, &["h1"], -300, 5), of(2, &["h2"], -300, 6)];
    merge(inventory, 1, &old).await?;
    ensure!(all(inventory).await?.iter().all(|it| it.status == Status::Expiring && it.successor.is_none()));
    let new = [of(3, &["h1"], -1, 90), of(4, &["h2"], -1, 91)];
    merge(inventory, 2, &[&old[..], &new[..]].concat()).await?;
    let successor = async |number| anyhow::Ok(inventory.show(&identity(number), AS_OF).await?.item.successor);
    ensure!(successor(1).await? == Some(identity(3)) && successor(2).await? == Some(identity(4)));
    let replaced = Filter { statuses: vec![Status::Replaced], ..Filter::default() };
    ensure!(inventory.list(&replaced, AS_OF, None, 10).await?.0.len() == 2);
    // Another name, and so it replaces nothing any more.
    merge(
        inventory,
        3,
        &[&old[..], &[of(3, &["h1"], -1, 90).with("name", "other.example"), new[1].clone()]].concat(),
    )
    .await?;
    ensure!(successor(1).await?.is_none() && successor(2).await? == Some(identity(4)));
    Ok(())
}

pub(crate) async fn a_list_is_in_the_order_of_ends_and_goes_by_pages(inventory: &Inventory) -> Result<()> {
    let mut rows: Vec<_> =
        (1..=1_200).map(|it| row(it).with("ends", NOW + i64::from(it % 40) * DAY)).collect();
    rows.extend((2_000..2_005).map(|it| row(it).with("ends", Value::Empty)));
    merge(inventory, 1, &rows).await?;
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let (items, next) = inventory.list(&Filter::default(), AS_OF, cursor, 333).await?;
        found.extend(items);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    ensure!(found.len() == 1_205, "{}", found.len());
    let ends: Vec<_> = found.iter().map(|it| it.ends.unwrap_or(i64::MAX)).collect();
    ensure!(ends.is_sorted());
    let mut identities: Vec<_> = found.iter().map(|it| it.identity.as_str()).collect();
    identities.sort_unstable();
    identities.dedup();
    ensure!(identities.len() == 1_205, "each once");
    let soon = Filter { ends_from: Some(NOW), ends_before: Some(NOW + 30 * DAY), ..Filter::default() };
    ensure!(inventory.count(&soon).await? == 900);
    ensure!(inventory.list(&soon, AS_OF, None, usize::MAX).await?.0.len() == 900);
    ensure!(inventory.show("n7.example", AS_OF).await?.item.identity == identity(7), "by its title");
    let several = inventory.show("000000", AS_OF).await;
    ensure!(matches!(several, Err(InventoryError::SeveralItems { .. })), "{several:?}");
    Ok(())
}

pub(crate) async fn texts_of_any_characters_are_kept_and_shown_as_they_are_meant(
    inventory: &Inventory,
) -> Result<()> {
    let name = "trusted\0evil \u{202e}\u{1b}[31m \u{1F600} é";
    merge(inventory, 1, &[row(1).with("name", name).with("issuer", "a\0b")]).await?;
    merge(inventory, 2, &[row(1).with("name", name).with("issuer", "a\0b")]).await?;
    let item = inventory.show(&identity(1), AS_OF).await?.item;
    ensure!(item.values.get("name") == Some(&json!(name)), "all of it is kept");
    ensure!(item.title == r"trusted\u{0}evil \u{202e}\u{1b}[31m 😀 é", "{}", item.title);
    // Nothing of a text is part of a statement.
    let strange = "'); DROP TABLE inventory_item; --";
    merge(inventory, 3, &[row(2).with("name", strange)]).await?;
    ensure!(inventory.show(strange, AS_OF).await?.item.identity == identity(2));
    Ok(())
}

pub(crate) async fn dates_at_the_borders_of_the_calendar_are_kept(inventory: &Inventory) -> Result<()> {
    let date = |text: &str| exhibit_rows::instant::parse(text).context("a date");
    let never = date("9999-12-31T23:59:59Z")?;
    let rows = [
        row(1).with("ends", never),
        row(2).with("ends", date("2050-01-01T00:00:00Z")?),
        row(3).with("ends", date("0001-01-01T00:00:00Z")?),
        row(4).with("begins", never).with("ends", NOW - DAY),
    ];
    merge(inventory, 1, &rows).await?;
    let found: Vec<_> = all(inventory).await?.into_iter().map(|it| (it.identity, it.status)).collect();
    let expected = [(3, Status::Expired), (4, Status::Expired), (2, Status::Valid), (1, Status::Valid)];
    ensure!(found == expected.map(|(number, status)| (identity(number), status)), "{found:?}");
    Ok(())
}
