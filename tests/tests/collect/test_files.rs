//! Files of tests: what the plugin suggests is a file that is taken back, and mistakes in it
//! are reported with their place.

use crate::stage::Stage;
use anyhow::Result;
use exhibit_simulator::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_suggested_is_taken_back() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let mut arguments = vec!["--json".to_owned(), "test-file".to_owned(), "check".to_owned()];
    let types = stage.types().await?;
    for name in &types {
        let written = stage.exhibit(&["test-file", "suggested", name]).await?.ended_with(0)?.stdout;
        let file = format!("{name}.toml");
        std::fs::write(stage.path(&file), &written)?;
        let has_tests = written.lines().any(|it| it == "[[test]]");
        if has_tests {
            arguments.push(file);
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let read: serde_json::Value =
        serde_json::from_str(&stage.exhibit(&arguments).await?.ended_with(0)?.stdout)?;
    let suggested: serde_json::Value =
        serde_json::from_str(&stage.exhibit(&["--json", "test-file", "check", "suggested"]).await?.stdout)?;
    let names = |it: &serde_json::Value| -> Vec<String> {
        let suites = it.as_array().into_iter().flatten();
        let tests = suites.flat_map(|it| it["tests"].as_array().into_iter().flatten());
        tests.map(|it| format!("{} {} {}", it["name"], it["threshold"], it["controls"])).collect()
    };
    assert!(names(&suggested).len() > types.len(), "{suggested}");
    assert_eq!(names(&read), names(&suggested));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_with_its_place() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let written = stage.exhibit(&["test-file", "suggested", "users"]).await?.ended_with(0)?.stdout;
    let mistaken = written.replacen("operator = \"equals\"", "operator = \"equal\"", 1);
    std::fs::write(stage.path("users.toml"), mistaken)?;
    let told = stage.exhibit(&["test-file", "check", "users.toml"]).await?.ended_with(2)?.stderr;
    insta::assert_snapshot!(told.trim_end(), @r#"
    error: there is no operator `equal`
      --> users.toml:40:34
       |
    40 |   { field = "status", operator = "equal", value = "Active" },
       |                                  ^^^^^^^
    next: did you mean `equals`?
    "#);
    Ok(())
}
