//! Evidence that is not what it was.

use anyhow::Result;

use crate::{AS_OF, stage};

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_altered_are_not_tested() -> Result<()> {
    let stage = stage().await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let users = stage.kept("users");
    let rows = users.text("rows.ndjson.zst")?;
    assert!(rows.contains("\"Active\""), "somebody should be active");
    for altered in
        [rows.replacen("\"Active\"", "\"Inactive\"", 1), rows.replacen("\"status\"", "\"state\"", 1)]
    {
        std::fs::write(stage.path("users/rows.ndjson.zst"), zstd::encode_all(altered.as_bytes(), 3)?)?;
        let called = stage.exhibit(&["test", "users"]).await?.ended_with(2)?;
        assert!(called.stderr.contains("altered") || called.stderr.contains("line 1"), "{}", called.stderr);
        assert_eq!(std::fs::read_dir(stage.path("users/tests"))?.count(), 0, "a run was kept");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_evidence_is_said_to_be_none() -> Result<()> {
    let stage = stage().await?;
    let called = stage.exhibit(&["test", "nowhere"]).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr, @"
    error: this is no evidence: nowhere/proof.json: No such file or directory (os error 2)
    next: name a folder that `exhibit collect` made
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_makes_no_sense_is_told_before_anything_is_asked() -> Result<()> {
    let stage = stage().await?;
    let path = stage.path("tests.toml");
    let test = "version = 1\n[[test]]\nname = \"a\"\nproof = \"users\"\nlabel = \"A\"\n\
                case = [{ all = [{ field = \"last-logn\", operator = \"is-not-empty\" }] }]\n";
    std::fs::write(&path, test)?;
    let tests = path.display().to_string();
    let called = stage.collect("users", "users", &["--test", &tests]).await?.ended_with(2)?;
    let said = called.stderr.replace(&tests, "tests.toml");
    insta::assert_snapshot!(said, @r#"
    error: `users` has no field `last-logn`
     --> tests.toml:6:28
      |
    6 | case = [{ all = [{ field = "last-logn", operator = "is-not-empty" }] }]
      |                            ^^^^^^^^^^^
    next: did you mean `last-login`?
    "#);
    assert!(!stage.path("users").exists());
    Ok(())
}
