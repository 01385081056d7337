//! What `cfg` asks for.

use crate::reader::Reader;
use crate::tokens::Token;

/// Whether such a condition of `cfg` holds in tests only. What follows its closing bracket is ignored.
pub(crate) fn wants_test(condition: &[Token]) -> bool {
    wants(&mut Reader::new(condition))
}

fn wants(reader: &mut Reader<'_>) -> bool {
    let Some(name) = reader.word(0) else { return false };
    reader.at += 1;
    if !reader.is(0, '(') {
        let is_key = reader.is(0, '=');
        reader.at += if is_key { 2 } else { 0 };
        return name == "test" && !is_key;
    }
    reader.at += 1;
    let mut parts = Vec::new();
    while !reader.is(0, ')') && reader.peek(0).is_some() {
        let before = reader.at;
        parts.push(wants(reader));
        if reader.is(0, ',') || reader.at == before {
            reader.at += 1;
        }
    }
    reader.at += 1;
    match name {
        "all" => parts.contains(&true),
        "any" => !parts.is_empty() && !parts.contains(&false),
        _ => false,
    }
}
