//! What an interrupted collection leaves, and what is read of it.

use exhibit_records::PluginRecord;

use super::terms::VERSION;
use super::*;
use crate::collect::spool::SentWrite;

fn left(folder: &Path) -> io::Result<Left> {
    Ok(Left::read(folder)?.expect("something was left"))
}

fn begun() -> Begun {
    let plugin = PluginRecord { id: "test".into(), version: "1.0.0".into(), digest: Digest::of(b"plugin") };
    let terms = Terms {
        version: VERSION,
        host: "0.0.0".into(),
        plugin,
        proof_type: "assets".into(),
        operation: false,
        settings: vec![],
        criteria: vec![],
        origins: vec![],
        secrets: vec![],
        account: None,
        caller: None,
        window: None,
        since: None,
        as_of_chosen: None,
    };
    Begun { terms, as_of: 0, began: 0, within: 0, window: None, id: None }
}

fn request(effect: &str) -> RequestRecord {
    RequestRecord {
        origin: "api".into(),
        method: "POST".into(),
        path: "/launch".into(),
        query: vec![],
        headers: vec![],
        body: None,
        auth: None,
        effect: effect.into(),
    }
}

fn at(requests: u64) -> Checkpoint {
    let counts = Counts { requests, answers: requests, ..Counts::default() };
    Checkpoint { session: Some(vec![7]), counts, ..Checkpoint::default() }
}

fn sent(number: u64) -> SentWrite {
    let (url, summary) = ("https://api.example/launch".to_owned(), "Launches it.".to_owned());
    serde_json::from_value(serde_json::json!({ "number": number, "at": 7, "url": url, "summary": summary }))
        .expect("it is written so")
}

#[test]
fn a_write_without_an_answer_is_known() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let written = folder.path().join("written");
    fs::create_dir(&written)?;
    let mut pages = Pages::create(&written, &[])?;
    let mut operation = begun();
    operation.terms.operation = true;
    operation.write(folder.path())?;
    let mut journal = Journal::begin(folder.path().to_owned());
    let state = |back: usize| {
        let left = left(folder.path())?;
        let at = left.reached.get(back).map(|it| it.checkpoint(&left)).transpose()?;
        Ok::<_, io::Error>(at.map(|it| (it.write, it.counts.requests)))
    };
    journal.asking(request("read"), 1)?;
    journal.checkpoint(&mut pages, at(1))?;
    assert_eq!(state(0)?, Some((WriteState::NotSent, 1)));
    journal.asking(request("write"), 2)?;
    journal.checkpoint(&mut pages, Checkpoint { write: WriteState::Unanswered(sent(2)), ..at(1) })?;
    assert_eq!(state(0)?, Some((WriteState::Unanswered(sent(2)), 1)), "it is asked for, and not sent again");
    assert_eq!(state(1)?, Some((WriteState::Unanswered(sent(2)), 1)), "from the page before, neither");
    // The page files may be lost in a power cut, and this one is not.
    for slot in PAGES {
        fs::rename(folder.path().join(slot), folder.path().join(format!("{slot}.away")))?;
    }
    assert_eq!(state(0)?, Some((WriteState::Unanswered(sent(2)), 1)));
    for slot in PAGES {
        fs::rename(folder.path().join(format!("{slot}.away")), folder.path().join(slot))?;
    }
    journal.checkpoint(&mut pages, Checkpoint { write: WriteState::Answered(sent(2)), ..at(2) })?;
    assert_eq!(state(0)?, Some((WriteState::Answered(sent(2)), 2)));
    journal.asking(request("read"), 3)?;
    assert_eq!(state(0)?, Some((WriteState::Answered(sent(2)), 3)), "a read can be repeated, and was sent");
    assert_eq!(state(1)?.map(|it| it.0), Some(WriteState::Unanswered(sent(2))));
    // Where it cannot be known what was sent, it is not taken for nothing.
    fs::write(folder.path().join(SYNCED), "{")?;
    assert!(Left::read(folder.path()).is_err());
    Ok(())
}

#[test]
fn what_was_not_written_to_its_end_does_not_count() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let written = folder.path().join("written");
    fs::create_dir(&written)?;
    let mut pages = Pages::create(&written, &[])?;
    begun().write(folder.path())?;
    let mut journal = Journal::begin(folder.path().to_owned());
    for requests in 1..=SYNC_EVERY + 2 {
        journal.checkpoint(&mut pages, at(requests))?;
    }
    let answers = || {
        let left = left(folder.path())?;
        Ok::<_, io::Error>(left.reached.iter().map(|it| it.counts.answers).collect::<Vec<_>>())
    };
    assert_eq!(answers()?, [SYNC_EVERY + 2, SYNC_EVERY + 1, SYNC_EVERY]);
    for slot in PAGES {
        let path = folder.path().join(slot);
        let whole = fs::read(&path)?;
        for end in [0, 10, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..end])?;
            assert_eq!(answers()?.len(), 2, "{slot} up to {end}");
        }
        fs::write(&path, whole)?;
    }
    Ok(())
}
