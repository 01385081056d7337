//! What a manifest says of inventories.

use std::collections::HashSet;

use exhibit_rows::Shown;

use super::super::catalog::{Field, Inventory, ItemIdentity, ProofType};
use super::super::types::Kind;

/// That an inventory is made of fields that its proof type has, of the right kinds. Says what is wrong with it.
pub(super) fn check(it: &Inventory, proof_types: &[ProofType]) -> Result<(), String> {
    if it.group.trim().is_empty() {
        return Err("it needs a group that new items are in".to_owned());
    }
    let Some(proof_type) = proof_types.iter().find(|known| known.name == it.proof_type) else {
        return Err(format!("there is no proof type `{}`", Shown::line(&it.proof_type)));
    };
    let mut earlier = HashSet::new();
    if let Some(twice) = it.fields.iter().find(|field| !earlier.insert(field.as_str())) {
        return Err(format!("`{}` is there twice", Shown::line(twice)));
    }
    let expect = |field: &String, kinds: &[Kind]| {
        let known = proof_type.fields.iter().find(|known| known.name == *field);
        match known {
            Some(Field { kind, .. }) if kinds.is_empty() || kinds.contains(kind) => Ok(()),
            Some(_) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                Err(format!("`{}` should be of the kind {}", Shown::line(field), kinds.join(" or ")))
            }
            None => Err(format!("`{}` is no field of its proof type", Shown::line(field))),
        }
    };
    it.fields.iter().try_for_each(|field| expect(field, &[]))?;
    let mut used = vec![(&it.title, vec![Kind::Text])];
    used.extend(it.begins.iter().chain(&it.ends).map(|field| (field, vec![Kind::Instant])));
    used.extend(it.names.iter().chain(&it.places).map(|field| (field, vec![Kind::Texts, Kind::Text])));
    for identity in &it.identity {
        match identity {
            ItemIdentity::Digest(field) => used.push((field, vec![Kind::Text])),
            ItemIdentity::Number(number) => {
                let fields = number.issuer.iter().chain([&number.number]);
                used.extend(fields.map(|field| (field, vec![Kind::Text])));
            }
        }
    }
    for (field, kinds) in used {
        expect(field, &kinds)?;
        if !it.fields.contains(field) {
            return Err(format!("`{}` should be among its fields", Shown::line(field)));
        }
    }
    if it.identity.is_empty() { Err("nothing tells its items apart".to_owned()) } else { Ok(()) }
}
