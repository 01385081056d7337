use std::fs;

use exhibit_records::{Counts, Digest, PluginRecord};

use crate::collect::Outcome;
use crate::contract::collection::{Body, Effect, Job, Method, Request, Response, Summary, Task};
use crate::contract::types::{Kind, Setting, Value, Window};
use crate::evidence::examples::{field, proof_type};
use crate::evidence::read;

use super::*;

type Tested = Result<(), Box<dyn std::error::Error>>;

fn fields() -> Vec<Field> {
    vec![field("name", Kind::Text), field("score", Kind::Integer)]
}

fn begin(folder: &mut EvidenceWriter) -> io::Result<()> {
    let request = Request {
        origin: "api".into(),
        method: Method::Post,
        path: "/list".into(),
        query: vec![("a".into(), "1 2".into())],
        headers: vec![("x-requested-with".into(), "exhibit".into())],
        body: Body::Form(vec![("page".into(), "1".into())]),
        auth: Some("basic".into()),
        effect: Effect::Read,
    };
    let head = Response { status: 200, headers: vec![("content-type".into(), "text/xml".into())] };
    let received = 1_793_491_200_000;
    folder.begin(&Answer {
        request: &request,
        origin: "https://api.example",
        redirected: &[],
        head: &head,
        received,
    })
}

fn row(name: &str) -> Row {
    vec![Value::Text(name.into()), Value::Integer(1)]
}

fn rejection(subject: &str) -> Rejection {
    Rejection { subject: subject.into(), reason: "no id".into() }
}

fn finish(folder: EvidenceWriter) -> Result<Proof, KeepError> {
    let setting = |name: &str, value| Setting { name: name.into(), value };
    let outcome = Outcome {
        job: Job {
            task: Task::Collect("assets".into()),
            settings: vec![setting("pole", Value::Text("north".into()))],
            criteria: vec![setting("since", Value::Instant(0))],
            window: Some(Window { start: 0, end: 86_400_000 }),
            since: None,
            as_of: 1_793_491_200_000,
            id: None,
            checkpoint: None,
        },
        summary: Summary {
            pages: 2,
            rows: 2,
            declared: Some(4),
            rejected: 1,
            duplicates: 1,
            outside_window: 0,
            point: None,
            outcome: None,
            repeated_keys: Some(0),
            window: None,
            notes: vec!["Hosts that were never scanned are not listed.".into()],
        },
        origins: [
            ("api".into(), "https://api.example".into()),
            ("unasked".into(), "https://unasked.example".into()),
        ]
        .into(),
        counts: Counts {
            requests: 3,
            answers: 2,
            bytes: 12,
            rows: 2,
            rejected: 1,
            retries: 1,
            ..Counts::default()
        },
    };
    folder.finish(&CollectionSummary {
        proof_type: &proof_type(fields()),
        plugin: PluginRecord { id: "test".into(), version: "1.0.0".into(), digest: Digest::of(b"plugin") },
        outcome: &outcome,
        predecessor: None,
        began: 1_793_491_200_000,
        resumed: &[],
        portal: None,
    })
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let mut names: Vec<_> =
        entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_page_that_broke_off_leaves_a_line_in_the_index_and_nothing_else() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("proofs/assets");
    let mut folder = EvidenceWriter::create(&there, &fields())?;

    begin(&mut folder)?;
    folder.body(b"<one/>")?;
    folder.rows(vec![row("one")], vec![rejection("7")])?;
    folder.commit()?;

    begin(&mut folder)?;
    folder.body(b"<tw")?;
    folder.rows(vec![row("half")], vec![rejection("8")])?;
    folder.abandon("the connection was reset")?;

    begin(&mut folder)?;
    folder.body(b"<two/>")?;
    folder.rows(vec![row("two")], vec![])?;
    folder.commit()?;
    assert!(!there.exists(), "nothing is in place before the end");
    let proof = finish(folder)?;

    assert_eq!(names(place.path().join("proofs").as_path()), ["assets"]);
    assert_eq!(names(&there), ["answers", "proof.csv", "proof.json", "rows.ndjson.zst"]);
    assert_eq!(names(&there.join("answers")), ["000001.zst", "000003.zst", "index.ndjson"]);
    assert_eq!(zstd::decode_all(fs::File::open(there.join("answers/000003.zst"))?)?, b"<two/>");
    assert_eq!(read::proof(&there)?, proof);
    assert_eq!(read::rows(&there, &proof)?.collect::<io::Result<Vec<_>>>()?, [row("one"), row("two")]);
    for part in &proof.parts {
        let bytes = fs::read(there.join(&part.path))?;
        assert_eq!((Digest::of(&bytes), bytes.len() as u64), (part.digest, part.bytes), "{}", part.path);
    }
    insta::assert_snapshot!(fs::read_to_string(there.join("proof.json"))?, @r#"
    {
      "format": 4,
      "type": {
        "name": "assets",
        "label": "List of Assets",
        "help": "Hosts, and when they were scanned.",
        "fields": [
          {
            "name": "name",
            "label": "name",
            "kind": "text",
            "help": "What name is.",
            "shown": true,
            "personal": false
          },
          {
            "name": "score",
            "label": "score",
            "kind": "integer",
            "help": "What score is.",
            "shown": true,
            "personal": false
          }
        ],
        "key": [
          "name"
        ],
        "window": null,
        "proves": "state",
        "needs": [
          "API access"
        ],
        "link": null
      },
      "job": {
        "settings": [
          {
            "name": "pole",
            "kind": "text",
            "value": "north"
          }
        ],
        "criteria": [
          {
            "name": "since",
            "kind": "instant",
            "value": "1970-01-01T00:00:00Z"
          }
        ],
        "window": {
          "start": "1970-01-01T00:00:00Z",
          "end": "1970-01-02T00:00:00Z"
        },
        "as-of": "2026-11-01T00:00:00Z"
      },
      "origins": [
        {
          "name": "api",
          "url": "https://api.example"
        }
      ],
      "account": null,
      "plugin": {
        "id": "test",
        "version": "1.0.0",
        "digest": "sha256:5e689e2b01672bf33996e75d5e372ff60c536ce1599a1458e867cd8f4bef5160"
      },
      "host": "0.1.0",
      "began": "2026-11-01T00:00:00Z",
      "first-answer": "2026-11-01T00:00:00Z",
      "last-answer": "2026-11-01T00:00:00Z",
      "counts": {
        "requests": 3,
        "answers": 2,
        "bytes": 12,
        "rows": 2,
        "rejected": 1,
        "retries": 1,
        "waited": 0
      },
      "pages": 2,
      "rows": 2,
      "completeness": {
        "declared": 4,
        "complete": true,
        "received": 4,
        "kept": 2,
        "rejected": 1,
        "duplicates": 1,
        "outside-window": 0,
        "repeated-keys": 0
      },
      "notes": [
        "Hosts that were never scanned are not listed."
      ],
      "host-notes": [],
      "rejections": {
        "count": 1,
        "first": [
          {
            "subject": "7",
            "reason": "no id"
          }
        ]
      },
      "parts": [
        {
          "path": "rows.ndjson.zst",
          "bytes": 76,
          "digest": "sha256:c5ee4ddea42be0979e439e5da1866d60b3761981a9d58d597c8945d1d9cc5915",
          "content": {
            "bytes": 50,
            "digest": "sha256:e1c9d90c3ae26e0dedbf28dbaa1500282c8c75a45c3bc7e81e62d0b2c7cc9da4"
          }
        },
        {
          "path": "proof.csv",
          "bytes": 29,
          "digest": "sha256:33b980c13ac0a6291a4468e8bce7e1b1597195b575d8fb1f10b2b29ed0baa626",
          "content": null
        },
        {
          "path": "answers/index.ndjson",
          "bytes": 1498,
          "digest": "sha256:9550402dafd61a6623ccbec2ebd121bc837caf5fef3b8741e189069cde2d623b",
          "content": null
        }
      ],
      "expires": null,
      "signed-by": null,
      "timestamped-by": null
    }
    "#);
    insta::assert_snapshot!(fs::read_to_string(there.join("answers/index.ndjson"))?, @r#"
    {"answer":1,"request":{"origin":"api","method":"POST","path":"/list","query":[["a","1 2"]],"headers":[["x-requested-with","exhibit"]],"body":{"form":[["page","1"]]},"auth":"basic","effect":"read"},"origin":"https://api.example","received":"2026-11-01T00:00:00Z","status":200,"headers":[["content-type","text/xml"]],"bytes":6,"digest":"sha256:e4b90b5280cb1cb8a3784cb35a7811e6bf221cf3c0a16aa81e8a1be237618efc","file":"000001.zst","stored":{"bytes":19,"digest":"sha256:5c0a8927eb63473c647403d64729b493089e772c6ca954e6a7fab714fb5ad851"},"broken":null}
    {"answer":2,"request":{"origin":"api","method":"POST","path":"/list","query":[["a","1 2"]],"headers":[["x-requested-with","exhibit"]],"body":{"form":[["page","1"]]},"auth":"basic","effect":"read"},"origin":"https://api.example","received":"2026-11-01T00:00:00Z","status":200,"headers":[["content-type","text/xml"]],"bytes":3,"digest":null,"file":null,"stored":null,"broken":"the connection was reset"}
    {"answer":3,"request":{"origin":"api","method":"POST","path":"/list","query":[["a","1 2"]],"headers":[["x-requested-with","exhibit"]],"body":{"form":[["page","1"]]},"auth":"basic","effect":"read"},"origin":"https://api.example","received":"2026-11-01T00:00:00Z","status":200,"headers":[["content-type","text/xml"]],"bytes":6,"digest":"sha256:0a2874a21b92644a9707f6cca0f8b3e1ad2fc3b269c7a482572a39fc76319264","file":"000003.zst","stored":{"bytes":19,"digest":"sha256:a2775708143dbfb6787e798934e70d04aaee624aacb81e848852253719974dc1"},"broken":null}
    "#);
    Ok(())
}

#[test]
fn secrets_that_were_replaced_are_counted_by_answer_and_in_a_note() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("assets");
    let mut folder = EvidenceWriter::create(&there, &fields())?;
    begin(&mut folder)?;
    folder.redacted(2)?;
    folder.abandon("it cannot be read")?;
    for times in [3, 0] {
        begin(&mut folder)?;
        folder.body(b"<a>[redacted]</a>")?;
        if times > 0 {
            folder.redacted(times)?;
        }
        folder.commit()?;
    }
    let proof = finish(folder)?;
    assert_eq!(
        proof.host_notes,
        ["The source repeated a secret of this connection in 5 places; it was replaced by [redacted]."]
    );
    let index = fs::read_to_string(there.join("answers/index.ndjson"))?;
    let records = index.lines().map(serde_json::from_str::<AnswerRecord>).collect::<Result<Vec<_>, _>>()?;
    assert_eq!(records.iter().map(|it| it.redacted).collect::<Vec<_>>(), [Some(2), Some(3), None]);
    Ok(())
}

#[test]
fn values_that_were_blanked_are_counted_by_answer_and_in_a_note() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("assets");
    let mut folder = EvidenceWriter::create(&there, &fields())?;
    let by_name = |all: &[(&str, u64)]| all.iter().map(|it| (it.0.to_owned(), it.1)).collect();
    begin(&mut folder)?;
    folder.blanked(&by_name(&[("arn", 1)]))?;
    folder.abandon("it cannot be read")?;
    begin(&mut folder)?;
    folder.body(b"<arn>[blanked]</arn>")?;
    folder.blanked(&by_name(&[("arn", 1), ("externalId", 2)]))?;
    folder.commit()?;
    begin(&mut folder)?;
    folder.commit()?;
    let proof = finish(folder)?;
    let [note] = proof.host_notes.as_slice() else { panic!("{:?}", proof.host_notes) };
    assert!(note.contains("4 values") && note.contains("arn (2), externalId (2)"), "{note}");
    let index = fs::read_to_string(there.join("answers/index.ndjson"))?;
    let records = index.lines().map(serde_json::from_str::<AnswerRecord>).collect::<Result<Vec<_>, _>>()?;
    assert_eq!(records.iter().map(|it| it.blanked.len()).collect::<Vec<_>>(), [1, 2, 0]);
    assert!(index.contains(r#""blanked":{"arn":1,"externalId":2}"#) && index.matches("blanked").count() == 2);
    Ok(())
}

#[test]
fn what_is_not_finished_leaves_nothing() -> Tested {
    let place = tempfile::tempdir()?;
    let mut folder = EvidenceWriter::create(&place.path().join("assets"), &fields())?;
    begin(&mut folder)?;
    folder.body(&vec![b'x'; 1 << 20])?;
    folder.rows(vec![row("one")], vec![])?;
    drop(folder);
    assert_eq!(names(place.path()), [""; 0]);
    Ok(())
}

#[test]
fn nothing_is_overwritten() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("assets");
    fs::create_dir(&there)?;
    fs::write(there.join("notes.txt"), "mine")?;
    assert!(matches!(EvidenceWriter::create(&there, &fields()), Err(KeepError::Occupied(_))));
    assert!(matches!(
        EvidenceWriter::create(&there.join("notes.txt"), &fields()),
        Err(KeepError::NotAFolder(_))
    ));
    assert_eq!(names(&there), ["notes.txt"]);
    assert_eq!(names(place.path()), ["assets"]);
    Ok(())
}

#[test]
fn what_is_whole_is_kept_where_it_is_when_its_place_is_taken() -> Tested {
    let place = tempfile::tempdir()?;
    let (free, empty) = (place.path().join("free"), place.path().join("empty"));
    fs::create_dir(&empty)?;
    for there in [free, empty] {
        let folder = EvidenceWriter::create(&there, &fields())?;
        fs::create_dir_all(&there)?;
        fs::write(there.join("notes.txt"), "mine")?;
        let Err(KeepError::Stranded { aside, .. }) = finish(folder) else {
            panic!("{} is taken", there.display());
        };
        assert_eq!(names(Path::new(&aside)), ["answers", "proof.csv", "proof.json", "rows.ndjson.zst"]);
        assert_eq!(fs::read_to_string(there.join("notes.txt"))?, "mine");
        assert!(!there.join("proof.json").exists());
    }
    Ok(())
}

#[test]
fn an_empty_folder_is_filled_and_stays_the_same_one() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("mounted");
    fs::create_dir(&there)?;
    let link = place.path().join("link");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&there, &link)?;
    #[cfg(not(unix))]
    fs::create_dir(&link)?;
    finish(EvidenceWriter::create(&link, &fields())?)?;
    assert_eq!(names(&link), ["answers", "proof.csv", "proof.json", "rows.ndjson.zst"]);
    if cfg!(unix) {
        assert_eq!(names(&there), names(&link), "the link still leads there");
    }
    Ok(())
}

#[test]
fn the_answer_that_it_failed_at_is_kept_where_that_is_asked_for() -> Tested {
    let place = tempfile::tempdir()?;
    let failed = place.path().join("failed");
    let mut folder = EvidenceWriter::create(&place.path().join("assets"), &fields())?.keep_failed(&failed)?;
    begin(&mut folder)?;
    folder.body(b"<not what was/> expected")?;
    folder.abandon("it cannot be read")?;
    assert_eq!(folder.fail()?.as_deref(), Some(&*failed));
    assert_eq!(names(place.path()), ["failed"]);
    assert_eq!(names(&failed), ["answer.json", "answer.zst"]);
    assert_eq!(zstd::decode_all(fs::File::open(failed.join("answer.zst"))?)?, b"<not what was/> expected");
    let record: AnswerRecord = serde_json::from_slice(&fs::read(failed.join("answer.json"))?)?;
    assert_eq!(record.broken.as_deref(), Some("it cannot be read"));

    let mut folder = EvidenceWriter::create(&place.path().join("assets"), &fields())?
        .keep_failed(&place.path().join("none"))?;
    begin(&mut folder)?;
    folder.commit()?;
    assert_eq!(folder.fail()?, None, "no answer failed");
    assert_eq!(names(place.path()), ["failed"]);
    Ok(())
}

#[test]
fn what_can_be_no_folder_is_refused_before_anything_is_collected() -> Tested {
    let place = tempfile::tempdir()?;
    let refused =
        |there: &Path| matches!(EvidenceWriter::create(there, &fields()), Err(KeepError::NotAFolder(_)));
    assert!(refused(Path::new("")));
    assert!(refused(&place.path().join("nowhere/..")));
    #[cfg(unix)]
    {
        let link = place.path().join("link");
        std::os::unix::fs::symlink(place.path().join("nowhere"), &link)?;
        assert!(refused(&link));
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_made_is_its_owners() -> Tested {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir()?;
    let there = place.path().join("assets");
    finish(EvidenceWriter::create(&there, &fields())?)?;
    assert_eq!(fs::metadata(&there)?.permissions().mode() & 0o777, 0o700);
    Ok(())
}

#[test]
fn a_failure_of_the_writing_is_told_and_ends_it() -> Tested {
    let place = tempfile::tempdir()?;
    let mut folder = EvidenceWriter::create(&place.path().join("assets"), &fields())?;
    begin(&mut folder)?;
    folder.rows(vec![vec![Value::Empty]], vec![])?;
    let told = (0..1_000_000).find_map(|_| folder.body(b"x").err());
    assert_eq!(told.map(|it| it.to_string()), Some("a row has 1 values for 2 fields".to_owned()));
    assert!(finish(folder).is_err());
    assert_eq!(names(place.path()), [""; 0]);
    Ok(())
}

#[test]
fn what_could_not_be_read_again_is_not_written() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("assets");
    let mut folder = EvidenceWriter::create(&there, &fields())?;
    begin(&mut folder)?;
    let long = "a".repeat(20_000);
    folder.rows(vec![row("a"), row("b")], vec![rejection(&long); 1_000])?;
    folder.commit()?;
    let refused = finish(folder).expect_err("its proof.json has 20 MB").to_string();
    assert!(refused.contains("proof.json: it has more than 16777216 bytes"), "{refused}");
    assert!(!there.exists());

    let mut folder = EvidenceWriter::create(&there, &fields())?;
    let mut request = Request {
        origin: "api".into(),
        method: Method::Get,
        path: "/".into(),
        query: vec![(String::new(), String::new()); 20_000],
        headers: vec![],
        body: Body::None,
        auth: None,
        effect: Effect::Read,
    };
    let head = Response { status: 200, headers: vec![] };
    let mut page = |request: &Request| -> io::Result<()> {
        folder.begin(&Answer {
            request,
            origin: "https://api.example",
            head: &head,
            received: 0,
            redirected: &[],
        })?;
        folder.commit()
    };
    request.query.truncate(1_000);
    page(&request)?;
    request.query.resize(20_000, (String::new(), String::new()));
    page(&request)?;
    let refused = finish(folder).expect_err("a request that no plugin may make").to_string();
    assert!(refused.contains("the request: it has more than 20000 values"), "{refused}");
    Ok(())
}

#[test]
fn what_was_on_its_way_into_a_folder_is_named_and_stays() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("there");
    let moving = there.join(".exhibit.partial-1-0/moving");
    fs::create_dir_all(&moving)?;
    fs::write(there.join(".exhibit.partial-1-0/lock"), "")?;
    fs::write(moving.join("proof.json"), "{}")?;
    for also in [None, Some("rows.ndjson.zst")] {
        if let Some(name) = also {
            fs::write(there.join(name), "")?;
        }
        let refused = EvidenceWriter::create(&there, &fields()).err();
        let named = moving.display().to_string();
        assert!(matches!(refused, Some(KeepError::Unmoved { moving, .. }) if moving == named), "{also:?}");
        assert!(moving.join("proof.json").is_file());
    }
    // Whole evidence is not asked about it.
    fs::write(there.join("proof.json"), "{}")?;
    assert!(matches!(EvidenceWriter::create(&there, &fields()), Err(KeepError::Occupied(_))));
    assert!(moving.join("proof.json").is_file());
    Ok(())
}
