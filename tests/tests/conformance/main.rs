//! `exhibit plugin check`, from end to end: good plugins pass, and each of the broken ones fails for
//! the reason that it is broken in.

#[cfg(unix)]
mod compiled;
mod source;
mod stage;

use anyhow::{Context as _, Result};

use self::stage::{Stage, in_mood};

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_keeps_the_contract_passes() -> Result<()> {
    let stage = Stage::new().await?;
    let evidence = stage.collect("none").await?;
    let called = stage.check("none", &["--evidence", &evidence]).await?;
    assert_eq!((called.code, called.stderr.as_str()), (Some(0), ""), "{}", called.stdout);
    let said = without_toolchain(&called.stdout)?;
    insta::assert_snapshot!(said.replace(&evidence, "EVIDENCE"), @"
    ✔ pass  load: it is a plugin, and imports nothing of the host [… interfaces of WASI, all given to it empty]
    ✔ pass  manifest: the manifest has all labels and help texts [proof types: 2, fields: 4]
    ✔ pass  describe: the manifest is the same at every call [asked 3 times]
    ✔ pass  resolve: the origins are the same at every call, and requests to them are permitted [asked 3 times: api]
    ✔ pass  settings: unknown settings are refused [unknown and missing ones]
    ✔ pass  open: a collection begins with a request that may be sent (things) [collect and probe]
    ✔ pass  garbage: an unusable answer is an error, not an empty proof (things) [8 unusable answers]
    ✔ pass  refusals: a refusal is an error, or waited out (things) [12 refusals]
    ✔ pass  floods: an endless or endlessly nested answer is bounded (things) [4 endless and deeply nested answers]
    ✔ pass  open: a collection begins with a request that may be sent (parts) [collect and probe]
    ✔ pass  garbage: an unusable answer is an error, not an empty proof (parts) [8 unusable answers]
    ✔ pass  refusals: a refusal is an error, or waited out (parts) [12 refusals]
    ✔ pass  floods: an endless or endlessly nested answer is bounded (parts) [4 endless and deeply nested answers]
    ✔ pass  write: an operation says what it changes before that is sent (restart) [summary and details]
    ✔ pass  once: an operation asks for its write once, answered or not (restart) [3 answers to its write]
    ✔ pass  found-out: an operation that is resumed at its write finds out by reads what became of it (restart) [resumed at the write, and after it]
    ✔ pass  tests: suggested and plain tests are accepted, and invalid ones are refused at their place (things) [suggested: 1, plain: 4, nonsense: 3]
    ✔ pass  absent: what the source did not say is inconclusive (things) [fields: 2, each absent, empty and there]
    ✔ pass  batches: the verdict on a row does not depend on the size of the batch (things) [200 made-up rows by 5 tests, 1, 7, 200 at a time]
    ✔ pass  tests: suggested and plain tests are accepted, and invalid ones are refused at their place (parts) [suggested: 1, plain: 4, nonsense: 3]
    ✔ pass  absent: what the source did not say is inconclusive (parts) [fields: 2, each absent, empty and there]
    ✔ pass  batches: the verdict on a row does not depend on the size of the batch (parts) [200 made-up rows by 5 tests, 1, 7, 200 at a time]
    ✔ pass  replay: the kept answers give the kept rows (EVIDENCE) [3 answers, 7 rows]
    ✔ pass  open: a collection begins with a request that may be sent (EVIDENCE) [collect and probe]
    ✔ pass  keys: the key tells every row from every other (EVIDENCE) [7 rows by name]
    ✔ pass  repeat: the same answers give the same rows (EVIDENCE) [twice: 3 answers, 137 bytes]
    ✔ pass  chunks: answers in pieces of any size give the same rows (EVIDENCE) [1 byte (the first 256 KiB), 2 to 48 bytes (the first 64 KiB), whole: 3 answers, 137 bytes]
    ✔ pass  interruptions: an answer that breaks off leaves nothing behind (EVIDENCE) [3 times each of 3 answers, 137 bytes]
    ✔ pass  resume: another session resumes from each checkpoint (EVIDENCE) [4 checkpoints]
    ✔ pass  checkpoints: a checkpoint of another job, or an invalid one, is refused (EVIDENCE) [of a job of another day, that is a probe, of another window, of another proof type, with another flaw, with another pace, with another least; cut, random and empty]
    ✔ pass  damage: a damaged answer does not crash it, and a truncated one is not accepted as complete (EVIDENCE) [137 damaged answers]
    ✔ pass  garbage: an unusable answer is an error, not an empty proof (EVIDENCE) [16 unusable answers]
    ✔ pass  refusals: a refusal is an error, or waited out (EVIDENCE) [36 refusals]
    ✔ pass  floods: an endless or endlessly nested answer is bounded (EVIDENCE) [16 endless and deeply nested answers]

    All 34 checks passed.
    ");
    Ok(())
}

/// The report without the number of WASI's interfaces: how many a standard library brings along differs between
/// toolchains. There are some, and which ones they may be, is for the tests of the contract to say.
fn without_toolchain(said: &str) -> Result<String> {
    let (before, after) = said.split_once(" interfaces of WASI").context("how many interfaces")?;
    let (before, number) = before.rsplit_once('[').context("a number of interfaces")?;
    let number: u32 = number.parse().with_context(|| format!("{number} is no number"))?;
    assert!(number > 0, "built with a standard library, it imports what that brings along");
    Ok(format!("{before}[… interfaces of WASI{after}"))
}

/// The checks that a plugin with this flaw fails, each with the first thing that is wrong.
async fn failed(stage: &Stage, flaw: &str) -> Result<String> {
    let evidence = stage.collect(flaw).await?;
    let called = stage.check(flaw, &["--json", "--evidence", &evidence]).await?;
    let report: serde_json::Value = serde_json::from_str(&called.stdout).context(called.stderr)?;
    let mut lines = vec![format!("{flaw}:")];
    for check in report["checks"].as_array().context("checks")? {
        if let Some(faults) = check["faults"].as_array() {
            let what = faults.first().and_then(|it| it["what"].as_str()).context("a fault")?;
            lines.push(format!("  {}: {}", check["name"].as_str().unwrap_or_default(), stage::plain(what)));
        }
    }
    assert_eq!(called.code, Some(if lines.len() > 1 { 1 } else { 0 }), "{flaw}");
    Ok(lines.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_flaw_is_found_where_it_is() -> Result<()> {
    let stage = Stage::new().await?;
    let mut found = vec![];
    for flaw in [
        "asks-again-when-denied",
        "checkpoint-forgets-counts",
        "checkpoint-forgets-page",
        "checkpoint-of-any-criteria",
        "checkpoint-of-any-settings",
        "checkpoint-of-any-task",
        "checkpoint-of-any-type",
        "checkpoint-of-any-window",
        "empty-proof-of-garbage",
        "garbage-ends-later-pages",
        "hash-order",
        "keeps-it-all",
        "key-not-unique",
        "next-moves-on",
        "overlooks-refusals",
        "panics-when-cut-off",
        "remembers-interruptions",
        "resolve-differs",
        "retries-at-once",
        "resumes-with-another-write",
        "row-lost-at-border",
        "says-what-is-cut-off",
        "state-lost-between-chunks",
        "takes-any-checkpoint",
        "takes-any-setting",
        "takes-cut-for-end",
        "takes-cut-for-page",
        "writes-again-unanswered",
        "writes-twice",
        "writes-unsaid",
    ] {
        found.push(failed(&stage, flaw).await?);
    }
    insta::assert_snapshot!(found.join("\n"), @"
    asks-again-when-denied:
      refusals: status 401 without a body, in place of answer 1: it asks for the same again
      refusals: status 401 without a body, in place of answer 1: it asks for the same again
      refusals: status 401 without a body, in place of answer 1: it asks for the same again
    checkpoint-forgets-counts:
      resume: where another session resumes from each checkpoint, after answer 3, the plugin miscounts: it says that it gave 0 rows, and gave 7
    checkpoint-forgets-page:
      resume: where another session resumes from each checkpoint, at answer 2, the plugin asks for something else: the parameter `after=`, and `after=crate` was recorded
    checkpoint-of-any-criteria:
      checkpoints: a checkpoint of a job with another least is accepted
    checkpoint-of-any-settings:
      checkpoints: a checkpoint of a job with another pace is accepted
    checkpoint-of-any-task:
      checkpoints: a checkpoint of a job that is a probe is accepted
    checkpoint-of-any-type:
      checkpoints: a checkpoint of a job of another proof type is accepted
    checkpoint-of-any-window:
      checkpoints: a checkpoint of a job of another window is accepted
    empty-proof-of-garbage:
      garbage: an empty body, in place of answer 1: it is accepted as the end of a proof of 0 rows
      garbage: an empty body, in place of answer 1: it is accepted as the end of a proof of 0 rows
      damage: cut off after 3 bytes, in place of answer 1: a truncated answer was accepted as complete (0 of 7 rows)
      garbage: an empty body, in place of answer 1: it is accepted as the end of a proof of 0 rows
    garbage-ends-later-pages:
      damage: cut off after 0 bytes, in place of answer 2: a truncated answer was accepted as complete (3 of 7 rows)
      garbage: an empty body, in place of answer 2: it is accepted as the end of a proof of 3 rows
    hash-order:
      repeat: with other randomness, row 2 of 7 is missing
      interruptions: where answers break off and come again, row 1 of 7 is another: it differs in count, name
      resume: where another session resumes from each checkpoint, row 4 of 7 is missing
    keeps-it-all:
      floods: 96 MiB of one text, in place of answer 1: the plugin exceeded its 64 MiB of memory in `feed`; it wrote: memory allocation of 33554432 bytes failed
      floods: 96 MiB of one text, in place of answer 1: the plugin exceeded its 64 MiB of memory in `feed`; it wrote: memory allocation of 33554432 bytes failed
      floods: 96 MiB of one text, in place of answer 1: the plugin exceeded its 64 MiB of memory in `feed`; it wrote: memory allocation of 33554432 bytes failed
    key-not-unique:
      keys: rows 1 and 2 have the same name
    next-moves-on:
      open: collect: two calls of `next` in a row give different steps
      open: collect: two calls of `next` in a row give different steps
      open: collect: two calls of `next` in a row give different steps
      repeat: played again, each step asked for twice, at answer 0, the plugin asks for something else when asked twice
      interruptions: where answers break off and come again, at answer 1, the plugin asks for something else after an answer that broke off
    overlooks-refusals:
      refusals: status 500 with the body of a good answer, in place of answer 1: it is accepted as a page, and the next is requested
    panics-when-cut-off:
      damage: cut off after 34 bytes, in place of answer 1: the plugin crashed in `end`: wasm trap: wasm `unreachable` instruction executed; it wrote: panicked at tests/broken/src/page.rs:N no last line
    remembers-interruptions:
      interruptions: where answers break off and come again, after answer 3, the plugin miscounts: it says that it gave 16 rows, and gave 7
    resolve-differs:
      resolve: the same settings give other origins when they are asked for again
    retries-at-once:
      refusals: status 503 without a body, in place of answer 1: it asks for the same again, at once
      refusals: status 503 without a body, in place of answer 1: it asks for the same again, at once
      refusals: status 503 without a body, in place of answer 1: it asks for the same again, at once
    resumes-with-another-write:
      found-out: resumed at its write, it asks for something else
    row-lost-at-border:
      chunks: in pieces of 4 bytes, at answer 3: the answer has no last line
    says-what-is-cut-off:
    state-lost-between-chunks:
      chunks: in pieces of one byte, at answer 1: the answer is no list of things
    takes-any-checkpoint:
      checkpoints: a checkpoint of a job of another day is accepted
    takes-any-setting:
      settings: `resolve`: an unknown setting is accepted
    takes-cut-for-end:
      damage: cut off after 34 bytes, in place of answer 1: a truncated answer was accepted as complete (2 of 7 rows)
    takes-cut-for-page:
      damage: cut off after 34 bytes, in place of answer 1: a truncated answer was accepted as complete (6 of 7 rows)
    writes-again-unanswered:
      once: its write gets no answer, and it asks for one again
      found-out: resumed after a write without an answer, it asks for a write again
    writes-twice:
      once: its write gets a web page, and it asks for one again
    writes-unsaid:
      write: its request does not say what it changes
    ");
    Ok(())
}

/// What `plugin check` says of the plugin in each of these moods: its failed checks, each with the first
/// thing that is wrong.
async fn moods(word: &str, moods: &[&str]) -> Result<String> {
    let stage = Stage::new().await?;
    let mut found = vec![];
    for mood in moods {
        let file = stage.path("mood.wasm");
        std::fs::write(&file, in_mood(word.as_bytes(), mood.as_bytes())?)?;
        let called = stage.exhibit(&["plugin", "check", &file]).await?;
        assert_eq!(called.code, Some(1), "{mood}: {}", called.stdout);
        found.push((*mood).to_owned());
        let mut lines = called.stdout.lines();
        while let Some(line) = lines.find(|it| it.starts_with("✘ fail")) {
            found.push(line.to_owned());
            found.extend(lines.next().map(str::to_owned));
        }
    }
    Ok(found.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_makes_no_sense_is_a_failed_check() -> Result<()> {
    let found =
        moods("describe:behaves", &["describe:differs", "describe:mumbles", "describe:nowhere"]).await?;
    insta::assert_snapshot!(found, @r#"
    describe:differs
    ✘ fail  describe: the manifest is the same at every call
            called again, `describe` gives another name or version
    describe:mumbles
    ✘ fail  manifest: the manifest has all labels and help texts
            the version "latest" is no semantic version
    describe:nowhere
    ✘ fail  load: it is a plugin, and imports nothing of the host
            the plugin's manifest is invalid: proof type `things`: its key names `nothing`, which is no field
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tester_that_errs_is_found() -> Result<()> {
    let all = ["testing:accepts", "testing:gossips", "testing:pardons", "testing:refuses"];
    insta::assert_snapshot!(moods("testing:behaves", &all).await?, @"
    testing:accepts
    ✘ fail  tests: suggested and plain tests are accepted, and invalid ones are refused at their place (things)
            a test of an unknown field is accepted
    ✘ fail  tests: suggested and plain tests are accepted, and invalid ones are refused at their place (parts)
            a test of an unknown field is accepted
    testing:gossips
    ✘ fail  batches: the verdict on a row does not depend on the size of the batch (things)
            rows handed over 7 at a time and one by one: row 2 has another verdict in the test some
    ✘ fail  batches: the verdict on a row does not depend on the size of the batch (parts)
            rows handed over 7 at a time and one by one: row 2 has another verdict in the test some
    testing:pardons
    ✘ fail  absent: what the source did not say is inconclusive (things)
            `is-not-empty` of name gives pass, fail, pass where it is absent, empty and present
    ✘ fail  absent: what the source did not say is inconclusive (parts)
            `is-not-empty` of name gives pass, fail, pass where it is absent, empty and present
    testing:refuses
    ✘ fail  tests: suggested and plain tests are accepted, and invalid ones are refused at their place (things)
            the suggested test some is refused: it does not count [/0/cases/0/conditions/0/operator]
    ✘ fail  tests: suggested and plain tests are accepted, and invalid ones are refused at their place (parts)
            the suggested test some is refused: it does not count [/0/cases/0/conditions/0/operator]
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_something_else_is_told_from_a_flaw() -> Result<()> {
    let stage = Stage::new().await?;
    let none = stage.exhibit(&["plugin", "check", "no-such-file.wasm"]).await?;
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    let empty = stage.check("none", &["--evidence", &stage.path("nothing")]).await?;
    assert_eq!(empty.code, Some(2), "{}", empty.stderr);

    let evidence = stage.collect("none").await?;
    let rows = std::path::Path::new(&evidence).join("rows.ndjson.zst");
    let text = String::from_utf8(zstd::decode_all(std::fs::File::open(&rows)?)?)?;
    let changed = text.replacen("\"count\":3", "\"count\":4", 1);
    std::fs::write(&rows, zstd::encode_all(changed.as_bytes(), 3)?)?;
    let called = stage.check("none", &["--evidence", &evidence]).await?;
    assert_eq!(called.code, Some(1));
    let line = called.stdout.lines().skip_while(|it| !it.starts_with("✘ fail")).nth(1).unwrap_or_default();
    insta::assert_snapshot!(line.trim(), @"row 1: it differs in count");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_cannot_be_loaded_fails_its_first_check() -> Result<()> {
    let stage = Stage::new().await?;
    let file = stage.path("unfit.wasm");
    let imports = r#"(component (import "acme:log/lines@1.0.0" (instance (export "write" (func)))))"#;
    for (bytes, expected) in [
        (wat::parse_str("(module)")?, "this is a core WebAssembly module, and a plugin is a component"),
        (wat::parse_str(imports)?, "the component exports no `exhibit:plugin/catalog`"),
    ] {
        std::fs::write(&file, bytes)?;
        let called = stage.exhibit(&["plugin", "check", &file]).await?;
        assert_eq!(called.code, Some(1), "{}", called.stderr);
        assert!(called.stdout.starts_with("✘ fail  load: "), "{}", called.stdout);
        assert!(called.stdout.contains(expected), "{}", called.stdout);
    }
    std::fs::write(&file, "no component at all")?;
    let called = stage.exhibit(&["plugin", "check", &file]).await?;
    assert_eq!(called.code, Some(2), "{}", called.stdout);
    Ok(())
}

/// The lines about what could not be tried, each with its reason.
fn skipped(stdout: &str) -> Vec<&str> {
    let mut lines = stdout.lines();
    let mut skipped = vec![];
    while let Some(line) = lines.find(|it| it.starts_with("? skip")) {
        skipped.extend([Some(line), lines.next()].into_iter().flatten());
    }
    skipped
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_of_answers_that_are_no_sample_is_listed_as_skipped() -> Result<()> {
    let stage = Stage::new().await?;
    let evidence = stage.collect_by(env!("BROKEN_PLUGIN"), "none", &["--with", "least=0"]).await?;
    let called = stage.check("none", &["--evidence", &evidence]).await?;
    assert_eq!(called.code, Some(0), "{}\n{}", called.stdout, called.stderr);
    let stdout = called.stdout.replace(&evidence, "EVIDENCE");
    insta::assert_snapshot!(skipped(&stdout).join("\n"), @"
    ? skip  keys: the key tells every row from every other (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  repeat: the same answers give the same rows (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  chunks: answers in pieces of any size give the same rows (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  interruptions: an answer that breaks off leaves nothing behind (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  resume: another session resumes from each checkpoint (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  checkpoints: a checkpoint of another job, or an invalid one, is refused (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  damage: a damaged answer does not crash it, and a truncated one is not accepted as complete (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  garbage: an unusable answer is an error, not an empty proof (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  refusals: a refusal is an error, or waited out (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ? skip  floods: an endless or endlessly nested answer is bounded (EVIDENCE)
            the evidence has no answer, or none of at most 16 MiB: collect less of it
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proof_type_must_be_given_is_given_or_taken_from_evidence() -> Result<()> {
    let stage = Stage::new().await?;
    let plugin = stage.path("demands.wasm");
    std::fs::write(&plugin, in_mood(b"describe:behaves", b"describe:demands")?)?;
    let check = ["plugin", "check", &plugin];
    let alone = stage.exhibit(&check).await?;
    assert_eq!(alone.code, Some(0), "{}\n{}", alone.stdout, alone.stderr);
    insta::assert_snapshot!(skipped(&alone.stdout).join("\n"), @"
    ? skip  open: a collection begins with a request that may be sent (things)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ? skip  garbage: an unusable answer is an error, not an empty proof (things)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ? skip  refusals: a refusal is an error, or waited out (things)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ? skip  floods: an endless or endlessly nested answer is bounded (things)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ? skip  open: a collection begins with a request that may be sent (parts)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ? skip  garbage: an unusable answer is an error, not an empty proof (parts)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ? skip  refusals: a refusal is an error, or waited out (parts)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ? skip  floods: an endless or endlessly nested answer is bounded (parts)
            to be given with --with NAME=VALUE: `least` is not set: Of what there is less, nothing is said.
    ");

    let given = stage.exhibit(&[&check[..], &["--with", "least=1"]].concat()).await?;
    assert_eq!((given.code, skipped(&given.stdout)), (Some(0), vec![]), "{}", given.stderr);
    let unfit = stage.exhibit(&[&check[..], &["--with", "lest=1"]].concat()).await?;
    assert_eq!(unfit.code, Some(2), "{}", unfit.stdout);
    insta::assert_snapshot!(unfit.stderr, @"
    error: unknown parameter `lest`; known: least, thing
    next: did you mean `least`?
    ");

    let evidence = stage.collect_by(&plugin, "none", &["--with", "least=1"]).await?;
    let kept = stage.exhibit(&[&check[..], &["--evidence", &evidence]].concat()).await?;
    assert_eq!(kept.code, Some(0), "{}\n{}", kept.stdout, kept.stderr);
    // Nobody knows what the other type must be given.
    let opened: Vec<&str> = kept.stdout.lines().filter(|it| it.contains("open:")).collect();
    insta::assert_snapshot!(opened.join("\n").replace(&evidence, "EVIDENCE"), @"
    ✔ pass  open: a collection begins with a request that may be sent (things) [collect and probe]
    ? skip  open: a collection begins with a request that may be sent (parts)
    ✔ pass  open: a collection begins with a request that may be sent (EVIDENCE) [collect and probe]
    ");
    Ok(())
}

/// Evidence of a launch.
async fn launch(stage: &Stage, source: &exhibit_simulator::Simulator) -> Result<String> {
    let out = stage.path("launched");
    let (origin, gateway) = (format!("api={}", source.url()), format!("gateway={}", source.url()));
    let mut call =
        vec!["operate", "launch-vm-scan", "--out", &out, "--origin", &origin, "--origin", &gateway];
    call.extend(["--set", "platform=US2", "--secret", "username=env:USERNAME"]);
    call.extend([
        "--secret",
        "password=env:PASSWORD",
        "--with",
        "title=Weekly",
        "--with",
        "addresses=10.0.0.1",
    ]);
    call.extend(["--with", "option-profile=Initial Options", "--with", "scanner=fra-scanner-1"]);
    call.extend(["--allow", "operate", "--confirm", "Weekly"]);
    let called = stage.exhibit(&call).await?;
    assert_eq!(called.code, Some(0), "{}", called.stderr);
    Ok(out)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_plugin_passes() -> Result<()> {
    let stage = Stage::new().await?;
    let source = exhibit_simulator::Simulator::start(exhibit_simulator::World {
        assets: 300,
        detections: 2,
        users: 5,
        scans: 8,
        compliance_scans: 3,
        tickets: 1_200,
        was_scans: 1_005,
        ..exhibit_simulator::World::default()
    })
    .await?;
    let mut arguments = vec!["plugin".to_owned(), "check".to_owned()];
    let types: serde_json::Value = serde_json::from_str(&stage.exhibit(&["types", "--json"]).await?.stdout)?;
    for proof in types.as_array().context("types")? {
        let proof = proof["name"].as_str().context("a name")?;
        let further = match proof {
            "assets" => &["--set", "page-size=130"][..],
            "detections" => &["--set", "detection-page-size=130"],
            // Where nothing else is said, those of the last 30 days are collected.
            "vm-scans" | "pc-scans" | "was-scans" => &["--from", "2020-01-01"],
            _ => &[],
        };
        let out = stage.path(proof);
        let (origin, gateway) = (format!("api={}", source.url()), format!("gateway={}", source.url()));
        let mut collect = vec!["collect", proof, "--out", &out, "--origin", &origin, "--set", "platform=US2"];
        collect.extend(["--origin", &gateway]);
        collect.extend(["--as-of", "2026-11-01", "--secret", "username=env:USERNAME"]);
        collect.extend(["--secret", "password=env:PASSWORD"]);
        collect.extend(further);
        let called = stage.exhibit(&collect).await?;
        assert_eq!(called.code, Some(0), "{}", called.stderr);
        arguments.extend(["--evidence".to_owned(), out]);
    }
    let launched = launch(&stage, &source).await?;
    arguments.extend(["--evidence".to_owned(), launched.clone()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let called = stage.exhibit(&arguments).await?;
    assert_eq!(called.code, Some(0), "{}\n{}", called.stdout, called.stderr);
    // Operations read lists before: only the one is tried of which there is evidence.
    let of_writes = |it: &&str| ["write:", "once:", "found-out:"].iter().any(|name| it.contains(name));
    let skipped = called.stdout.lines().filter(|it| it.starts_with("? skip"));
    assert_eq!(skipped.clone().find(|it| !of_writes(it)), None, "{}", called.stdout);
    let is_of_launch = |it: &&str| it.starts_with("✔ pass") && it.contains(&launched);
    let passed: Vec<&str> = called.stdout.lines().filter(is_of_launch).collect();
    for name in ["replay:", "write:", "once:", "found-out:", "names:"] {
        assert!(passed.iter().any(|it| it.contains(name)), "{name} {}", called.stdout);
    }
    Ok(())
}
