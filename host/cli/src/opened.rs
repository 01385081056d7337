//! Evidence that a command was given: one piece, and not a store of many.

use exhibit::Remedy;
use exhibit::store::{Catalog, Location, OpenError, OpenEvidence, Package};
use exhibit_records::STORE_FILE;

use super::environment::Environment;
use super::failure::Failure;
use super::terminal::shown;

/// So many names are in one message; `exhibit evidence list` has all of them.
const NAMED: usize = 5;

/// The evidence here. Says what of a store can be named where a whole store is.
pub(super) async fn evidence(at: &Location, environment: &Environment) -> Result<OpenEvidence, Failure> {
    let options = &environment.object_stores;
    let is_store = at.folder().is_some_and(|it| it.join(STORE_FILE).is_file());
    if is_store {
        return Err(is_a_store(at, &at.store(options).await?.store.catalog()?));
    }
    match at.evidence(options).await {
        Err(error @ OpenError::NamesNoEvidence(_)) => match at.store(options).await {
            Ok(open) => Err(is_a_store(at, &open.store.catalog()?)),
            // A bucket that cannot be read says more than that nothing is named in it.
            Err(unread @ OpenError::Objects(_)) if !is_missing(&unread) => Err(unread.into()),
            Err(_) => Err(error.into()),
        },
        open => Ok(open?),
    }
}

fn is_missing(error: &OpenError) -> bool {
    matches!(error.remedy(), Some(Remedy::CreateStore))
}

fn is_a_store(at: &Location, catalog: &Catalog) -> Failure {
    let store = shown(at.to_string().trim_end_matches('/'));
    let failure = Failure::call(format!("{store} is a store, and one piece of evidence is asked for"));
    let there: Vec<&Package> = catalog.packages().iter().filter(|it| it.pruned.is_none()).collect();
    if there.is_empty() {
        return failure.next("collect into it first: it has no evidence");
    }
    let names = there.iter().rev().take(NAMED).map(|it| format!("\n  {store}/evidence/{}", it.kept.evidence));
    let names: String = names.collect();
    failure.next(match there.len().checked_sub(NAMED).filter(|it| *it > 0) {
        None => format!("name one of it:{names}"),
        Some(more) => {
            format!("name one of it, such as the last:{names}\n  and {more} more, which `exhibit evidence list {store}` lists")
        }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use exhibit::log::Origin;
    use exhibit::signing::{SigningKey, make};
    use exhibit::store::Store;
    use exhibit_secrets::{Backends, SecretRef};

    use super::*;

    #[tokio::test]
    async fn a_store_is_not_one_piece_of_evidence() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        make(&folder.path().join("key"))?;
        let key = SecretRef::File(folder.path().join("key"));
        let key = SigningKey::read(&key, &Backends::default()).await?;
        let store = folder.path().join("store");
        Store::create(&store, &"example.com/evidence".parse::<Origin>()?, &key)?;
        let refused = evidence(&Location::from(store.as_path()), &Environment::default()).await;
        let refused = refused.err().ok_or("it should be refused")?;
        assert!(refused.what().ends_with("store is a store, and one piece of evidence is asked for"));
        assert_eq!(refused.remedy(), Some("collect into it first: it has no evidence"));
        // A folder that is neither is read as evidence, which fails later with its own words.
        assert!(evidence(&Location::from(Path::new("nothing")), &Environment::default()).await.is_ok());
        Ok(())
    }
}
