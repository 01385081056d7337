//! What a manifest says of inventories.

use exhibit_rows::Shown;

use super::super::bounds::LABEL_BYTES;
use super::super::catalog::{Field, Inventory, ItemIdentity, ProofType};
use super::super::types::Kind;
use super::{Checked, FIELDS, line, name, names, wrong};

/// That an inventory is made of fields that its proof type has, of the right kinds.
pub(super) fn check(it: &Inventory, proof_types: &[ProofType]) -> Checked {
    let place = &format!("inventory `{}`", it.name);
    line(place, &it.label, LABEL_BYTES)?;
    name(place, &it.name)?;
    line(place, &it.group, LABEL_BYTES)?;
    if it.group.trim().is_empty() {
        return Err(wrong(place, "it needs a group that new items are in"));
    }
    let Some(proof_type) = proof_types.iter().find(|known| known.name == it.proof_type) else {
        let what = format!("there is no proof type `{}`", Shown::line(&it.proof_type));
        return Err(wrong(place, what));
    };
    names(place, it.fields.iter().map(String::as_str), FIELDS)?;
    let expect = |field: &String, kinds: &[Kind]| {
        let known = proof_type.fields.iter().find(|known| known.name == *field);
        match known {
            Some(Field { kind, .. }) if kinds.is_empty() || kinds.contains(kind) => Ok(()),
            Some(_) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                let what = format!("`{}` should be of the kind {}", Shown::line(field), kinds.join(" or "));
                Err(wrong(place, what))
            }
            None => Err(wrong(place, format!("`{}` is no field of its proof type", Shown::line(field)))),
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
            return Err(wrong(place, format!("`{}` should be among its fields", Shown::line(field))));
        }
    }
    if it.identity.is_empty() { Err(wrong(place, "nothing tells its items apart")) } else { Ok(()) }
}
