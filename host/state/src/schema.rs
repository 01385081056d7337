//! What the database has in it, one step of its history after the other. A step that was released is never changed: what
//! is wrong with it is put right by the next one.

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    /// The oldest schema that a program must know to work with the database after this step. A step that adds what older
    /// programs do not look at keeps that of the step before: then two versions work side by side.
    pub(super) oldest: i64,
    /// Statements of both databases, where `ROWNUMBER` stands for the type of a number that tells rows
    /// apart, and `BYTEWISE` for texts that are in the order of their bytes, whatever the language of the server is.
    pub(super) statements: &'static [&'static str],
}

/// The newest schema that this version knows.
pub const LATEST: i64 = STEPS.len() as i64;

/// All steps: the first makes schema 1.
pub(super) const STEPS: &[Step] = &[Step {
    oldest: 1,
    statements: &[
        // Where items come from: an account at a source, as far as one proof type shows it.
        "CREATE TABLE inventory_source (
            id ROWNUMBER PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (kind, name)
        )",
        // Each evidence of a source that was merged. `whole` says what it proves of what it does not show: 0 nothing, 1 that
        // errors are gone, 2 that items are, too. `at` is when the source was asked, in milliseconds, as all times are.
        "CREATE TABLE inventory_run (
            id ROWNUMBER PRIMARY KEY,
            source BIGINT NOT NULL REFERENCES inventory_source (id),
            evidence TEXT NOT NULL,
            place TEXT NOT NULL,
            at BIGINT NOT NULL,
            whole BIGINT NOT NULL,
            shown BIGINT NOT NULL,
            confirmed_by TEXT,
            merged_at BIGINT NOT NULL,
            finished_at BIGINT,
            UNIQUE (source, evidence)
        )",
        "CREATE TABLE inventory_item (
            id ROWNUMBER PRIMARY KEY,
            kind TEXT NOT NULL,
            identity TEXT BYTEWISE NOT NULL,
            number TEXT,
            is_weak BIGINT NOT NULL,
            title TEXT NOT NULL,
            begins BIGINT,
            ends BIGINT,
            names TEXT,
            owning_group TEXT NOT NULL,
            successor BIGINT,
            to_link BIGINT NOT NULL,
            added_at BIGINT NOT NULL,
            UNIQUE (kind, identity)
        )",
        "CREATE INDEX inventory_item_ends ON inventory_item (kind, ends, id)",
        "CREATE INDEX inventory_item_group ON inventory_item (kind, owning_group, ends, id)",
        "CREATE INDEX inventory_item_title ON inventory_item (kind, title)",
        "CREATE INDEX inventory_item_number ON inventory_item (kind, number) WHERE number IS NOT NULL",
        "CREATE INDEX inventory_item_names ON inventory_item (kind, names) WHERE names IS NOT NULL",
        "CREATE INDEX inventory_item_to_link ON inventory_item (kind, names, id) WHERE to_link = 1",
        "CREATE INDEX inventory_item_weak ON inventory_item (kind, id) WHERE is_weak = 1",
        // What a source says of an item, and in which of its runs.
        "CREATE TABLE inventory_sighting (
            item BIGINT NOT NULL REFERENCES inventory_item (id),
            source BIGINT NOT NULL REFERENCES inventory_source (id),
            first_run BIGINT NOT NULL,
            last_run BIGINT NOT NULL,
            last_at BIGINT NOT NULL,
            facts TEXT NOT NULL,
            PRIMARY KEY (item, source)
        )",
        "CREATE INDEX inventory_sighting_last ON inventory_sighting (source, last_at)",
        // What could not be merged, in which run.
        "CREATE TABLE inventory_error (
            id ROWNUMBER PRIMARY KEY,
            source BIGINT NOT NULL REFERENCES inventory_source (id),
            subject TEXT NOT NULL,
            stage TEXT NOT NULL,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            message_run BIGINT NOT NULL,
            resolved_at BIGINT,
            resolved_by TEXT,
            resolved_word TEXT,
            UNIQUE (source, subject, stage, code)
        )",
        "CREATE TABLE inventory_error_run (
            error BIGINT NOT NULL REFERENCES inventory_error (id),
            run BIGINT NOT NULL REFERENCES inventory_run (id),
            PRIMARY KEY (error, run)
        )",
        // What persons entered: all of it that was ever valid, the newest of an item's field with `is_current`.
        "CREATE TABLE inventory_entry (
            id ROWNUMBER PRIMARY KEY,
            item BIGINT NOT NULL REFERENCES inventory_item (id),
            field TEXT NOT NULL,
            value TEXT,
            entered_by TEXT NOT NULL,
            entered_at BIGINT NOT NULL,
            is_current BIGINT NOT NULL
        )",
        "CREATE INDEX inventory_entry_item ON inventory_entry (item, field, id)",
        "CREATE INDEX inventory_entry_value ON inventory_entry (field, value) WHERE is_current = 1",
    ],
}];
