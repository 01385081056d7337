//! The schemas of what evidence is kept in. `EVIDENCE.md` says in words what they mean.

use serde_json::Value as Json;

use super::answers::AnswerRecord;
use super::proof::Proof;
use crate::store::{Entry, Identity};
use crate::testing::Run;

/// Each file of evidence or of a store that is JSON, or JSON lines, and the schema of it or of a line.
pub fn schemas() -> [(&'static str, Json); 5] {
    [
        ("proof.schema.json", crate::schema::of::<Proof>()),
        ("answer.schema.json", crate::schema::of::<AnswerRecord>()),
        ("run.schema.json", crate::schema::of::<Run>()),
        ("store.schema.json", crate::schema::of::<Identity>()),
        ("entry.schema.json", crate::schema::of::<Entry>()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tests::is_committed;

    #[test]
    fn the_committed_schemas_are_those_of_the_types() {
        for (name, schema) in schemas() {
            is_committed(name, &schema);
        }
    }

    #[test]
    fn what_no_schema_knows_is_refused() {
        let refused = serde_json::from_str::<Proof>("{\"format\":1,\"more\":true}").expect_err("unknown");
        assert!(refused.to_string().contains("unknown field `more`"), "{refused}");
    }
}
