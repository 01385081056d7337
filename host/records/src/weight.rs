//! How much a record may be. What it takes in memory goes by how many values it has, more than by its bytes: seven bytes,
//! `{"":0},`, are hundreds of bytes once they are read, so that 60 MB of them took 3 GB.

/// Bytes of `proof.json` or `run.json`. The largest that a collection can give has a thousand rejected records of 8 KiB, a
/// thousand notes of 4 KiB, and 500 fields with 4 KiB of help each; most have 10 KB.
pub const RECORD_BYTES: u64 = 16 << 20;

/// How much there is in a text of JSON, or may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Weight {
    /// Bytes.
    pub bytes: u64,
    /// Values: texts, numbers and so on, lists and objects.
    pub values: u64,
    /// Objects, which take more memory than other values.
    pub objects: u64,
}

/// A record is larger than any that this program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has more than {limit} {what}, which no such record has")]
#[non_exhaustive]
pub struct TooLarge {
    /// Of what.
    pub what: &'static str,
    /// How many there may be.
    pub limit: u64,
}

impl Weight {
    /// What `proof.json` or `run.json` may have: a hundred thousand texts in one criterion, and a run of thousands of tests, are
    /// below.
    pub const RECORD: Self = Self { bytes: RECORD_BYTES, values: 250_000, objects: 20_000 };
    /// What a line of `answers/index.ndjson` may have: its request has at most 8 MiB, which are written as twice as many digits
    /// where they are no text, and a thousand pairs in each of its lists.
    pub const ANSWER: Self = Self { bytes: 24 << 20, values: 20_000, objects: 100 };
    /// What all runs of tests of one piece of evidence may have together: one a day for years.
    pub const RUNS: Self = Self { bytes: 32 << 20, values: 1_000_000, objects: 100_000 };

    /// The same, with another number of bytes.
    #[must_use]
    pub const fn with_bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    /// Of this text. What is no JSON weighs something, too: the reader refuses it later.
    pub fn of(json: &[u8]) -> Self {
        let (mut values, mut objects) = (1_u64, 0_u64);
        let mut bytes = json.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => {
                    while let Some(byte) = bytes.next() {
                        match byte {
                            b'\\' => drop(bytes.next()),
                            b'"' => break,
                            _ => {}
                        }
                    }
                }
                b',' | b'[' => values += 1,
                b'{' => {
                    values += 1;
                    objects += 1;
                }
                _ => {}
            }
        }
        Self { bytes: json.len() as u64, values, objects }
    }

    /// Whether it is within these bounds.
    ///
    /// # Errors
    /// Where there is more of something.
    pub fn within(&self, most: &Self) -> Result<(), TooLarge> {
        let all = [
            ("bytes", self.bytes, most.bytes),
            ("values", self.values, most.values),
            ("objects", self.objects, most.objects),
        ];
        let exceeded = all.into_iter().find(|(_, has, limit)| has > limit);
        exceeded.map_or(Ok(()), |(what, _, limit)| Err(TooLarge { what, limit }))
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            values: self.values.saturating_add(other.values),
            objects: self.objects.saturating_add(other.objects),
        }
    }
}

/// Whether a text of JSON is within these bounds, before it is read.
///
/// # Errors
/// Where there is more of something.
pub fn check(json: &[u8], most: &Weight) -> Result<(), TooLarge> {
    // So many bytes need no look at each.
    if json.len() as u64 > most.bytes {
        return Err(TooLarge { what: "bytes", limit: most.bytes });
    }
    Weight::of(json).within(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_takes_memory_and_not_what_stands_in_texts() {
        let of = |json: &str| {
            let Weight { bytes, values, objects } = Weight::of(json.as_bytes());
            assert_eq!(bytes, json.len() as u64);
            (values, objects)
        };
        assert_eq!(of("3"), (1, 0));
        assert_eq!(of(r#"{"a": 1, "b": [1, 2], "c": {}}"#), (7, 2));
        assert_eq!(of(r#"["[{,", "\"{,", "\\"]"#), (4, 0));
        assert_eq!(of(r#"["{{{{"#), (2, 0), "a text without an end");
    }

    #[test]
    fn the_largest_is_read_and_one_more_is_not() {
        let most = Weight { bytes: 40, values: 5, objects: 2 };
        for (json, what) in [
            ("[1,2,3,4]", None),
            ("[1,2,3,4,5]", Some("values")),
            ("[{},{}]", None),
            ("[{},{},{}]", Some("values")),
            ("{{{", Some("objects")),
            (r#""abcdefghijklmnopqrstuvwxyzabcdefghijkl""#, None),
            (r#""abcdefghijklmnopqrstuvwxyzabcdefghijklm""#, Some("bytes")),
        ] {
            assert_eq!(check(json.as_bytes(), &most).err().map(|it| it.what), what, "{json}");
        }
        let error = check(b"[1,2,3,4,5]", &most).expect_err("too many");
        assert_eq!(error.to_string(), "it has more than 5 values, which no such record has");
    }
}
