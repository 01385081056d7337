//! A plugin in JavaScript, run by the host as any other.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use exhibit::records::Digest;
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::npm::{installed, node, script, source};
use crate::process::{Ended, ended, exhibit};
use crate::source::Source;

/// A JavaScript engine is put together and compiled, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(300);
/// A few hundred sessions, in a language that is interpreted.
const CHECKED: Duration = Duration::from_secs(580);
/// What no plugin ever sees.
const PASSWORD: &str = "canary-51";

/// The plugin's component, built once; `None` where the caller's test is skipped.
async fn component() -> Result<Option<&'static Path>> {
    static BUILT: OnceCell<Option<PathBuf>> = OnceCell::const_new();
    Ok(BUILT.get_or_try_init(build).await?.as_deref())
}

async fn build() -> Result<Option<PathBuf>> {
    let Some(folder) = installed("plugin").await? else { return Ok(None) };
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let mut sources = Vec::new();
    for from in [source("plugin"), wit.clone()] {
        contents(&from, &mut sources)?;
    }
    let (made_of, mark) = (Digest::of(&sources).to_string(), folder.join(".built-of"));
    let component = folder.join("certificates.wasm");
    if !component.is_file() || fs::read_to_string(&mark).ok().as_ref() != Some(&made_of) {
        let mut build = script(&folder, "build.mjs");
        build.arg(wit).arg(&component);
        ended(build, PATIENCE).await?.with(0)?;
        fs::write(mark, made_of)?;
    }
    // So that no test waits for the compiler.
    ended(exhibit(&["plugin", "show", &component.display().to_string()]), PATIENCE).await?.with(0)?;
    Ok(Some(component))
}

/// All files, one after the other, each with its name.
fn contents(folder: &Path, into: &mut Vec<u8>) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries.into_iter().filter(|it| it.file_name() != "node_modules") {
        if entry.file_type()?.is_dir() {
            contents(&entry.path(), into)?;
        } else {
            into.extend(entry.file_name().as_encoded_bytes());
            into.extend(fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// What a collection came to, and where it was to leave its folder.
struct Collected {
    ended: Ended,
    folder: tempfile::TempDir,
}

impl Collected {
    fn text(&self, file: &str) -> Result<String> {
        let bytes =
            fs::read(self.folder.path().join("out").join(file)).with_context(|| format!("reading {file}"))?;
        Ok(String::from_utf8(if file.ends_with(".zst") { zstd::decode_all(&bytes[..])? } else { bytes })?)
    }

    fn proof(&self) -> Result<Json> {
        Ok(serde_json::from_str(&self.text("proof.json")?)?)
    }
}

fn collecting(component: &Path, source: &Source, folder: &Path, further: &[&str]) -> Result<Command> {
    // Nothing is remembered here of the plugins that are used.
    let digest = Digest::of(&fs::read(component)?).to_string();
    let mut command = exhibit(&["collect", "certificates", "--as-of", "2026-11-01", "--plugin"]);
    command
        .arg(component)
        .args(["--trust", &digest])
        .arg("--out")
        .arg(folder.join("out"))
        .args(["--origin", &source.origin()])
        .args(further)
        .env("PLAIN_USERNAME", "user")
        .env("PLAIN_PASSWORD", PASSWORD);
    Ok(command)
}

async fn collect(component: &Path, source: &Source, further: &[&str]) -> Result<Collected> {
    let folder = tempfile::tempdir()?;
    let ended = ended(collecting(component, source, folder.path(), further)?, PATIENCE).await?;
    Ok(Collected { ended, folder })
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_tests_pass() -> Result<()> {
    if !node().await? {
        return Ok(());
    }
    let mut tests = Command::new("node");
    tests.arg("--test").current_dir(source("plugin"));
    ended(tests, PATIENCE).await?.with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_it_is() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let file = component.display().to_string();
    let shown = ended(exhibit(&["plugin", "show", &file]), PATIENCE).await?.with(0)?.stdout;
    // The second line has the digest, which no two builds share.
    let lines: Vec<&str> = shown.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, it)| it).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    certificates 1.0.0: Certificates, for crt.sh
    Imports nothing but 18 interfaces of WASI, given to it empty: no network, no files, no environment.
    Talks to the origin list: such as https://crt.sh
    Has its requests signed (basic): HTTP Basic with username and password
    Reads these headers of answers: retry-after
    Collects certificates: Certificates

    Secrets, with --secret NAME=REFERENCE:
    Name      Takes  Default  Help
    ──────────────────────────────────────────────────────
    username  text            For a list that wants one.
    password  text            For a list that wants one.

    Settings, with --set NAME=VALUE:
    Name     Takes        Default  Help
    ───────────────────────────────────────────────────────────────────────
    sign-in  none, basic  none     How the source wants to know who asks.
    "#);
    let types = ended(exhibit(&["types", "certificates", "--plugin", &file]), PATIENCE).await?.with(0)?;
    insta::assert_snapshot!(types.stdout, @"
    certificates: Certificates
    The certificates that were issued for a domain, whoever had them issued: what public logs know of, or a list of one's own in the same form. Whether they are in use is not in it, nor whether they were revoked.

    Field        Label          Holds     Shown  Personal  Help
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    id           ID             integer   yes              crt.sh's own number of the certificate.
    common-name  Common name    text      yes    yes       The subject's common name.
    names        Names          texts     yes    yes       The hosts that it is for, and other names.
    issuer       Issuer         text      yes              The distinguished name of who issued it.
    serial       Serial number  text                       In hexadecimal digits.
    not-before   Not before     instant   yes              When it begins to be valid.
    not-after    Not after      instant   yes              The last moment at which it is valid.
    lifetime     Lifetime       duration                   From not before to not after.
    logged       Logged         instant                    When a log of certificates took it in.

    One row for each id.
    Window (--from, --to): Certificates that were valid at some time of it. It is a filter: a proof shows how things stand when it is collected, and nothing of that time.
    Changes: cannot be asked for. The search has no filter by the date of a change.
    At the source: The same search, for people.

    Narrowed down with --with NAME=VALUE:
    Name     Takes    Default     Help
    ──────────────────────────────────────────────────────────────────────────────────────────
    domain   text     (required)  Such as example.com, or %.example.com for all below it.
    expired  boolean  yes         Whether those that are no longer valid are asked for, too.

    Suggested tests (`exhibit test-file suggested certificates` writes them to a file):
    Test                     Passes when                                              Why                                                                                                                                                  Controls
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    none-expires-in-30-days  No certificate expires in the next 30 days               A certificate that expires unnoticed stops what depends on it. A list that keeps what was replaced, as public logs do, shows replaced ones as well.  nist-800-53r5:sc-17, iso27001-2022:a.8.24, pci-dss-4.0.1:4.2.1
    lifetime-within-limits   No certificate is valid for longer than browsers accept  The longer a key is in use, the longer a stolen one is. The limits are those of the CA/Browser Forum's Baseline Requirements.                        nist-800-53r5:sc-17, iso27001-2022:a.8.24
    no-wildcards             No certificate is for all hosts of a domain              Whoever has the key of a wildcard can pass for every host.                                                                                           nist-800-53r5:sc-17, iso27001-2022:a.8.24
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_collects() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let collected = collect(component, &source, &["--with", "domain=example.com"]).await?;
    assert_eq!(collected.ended.code, Some(0), "{:?}", collected.ended);
    insta::assert_snapshot!(collected.text("rows.ndjson.zst")?, @r#"
    {"id":27925475296,"common-name":"www.example.com","names":["*.example.com","www.example.com"],"issuer":"C=US, O=Let's Encrypt, CN=E7","serial":"05e3a32fa27096fe00ecf39b8077799f4b5e","not-before":"2026-09-14T11:09:47Z","not-after":"2026-12-13T11:09:46Z","lifetime":7775999,"logged":"2026-09-14T12:08:19.100Z"}
    {"id":11,"common-name":null,"names":["grün.example.com"],"issuer":"C=DE, O=Müller & Söhne, CN=\"Intern\"","not-before":"2024-11-01T00:00:00Z","not-after":"2026-11-20T23:59:59Z","lifetime":64799999}
    {"id":12,"common-name":"old.example.com","names":["old.example.com"],"issuer":"C=ZA, O=Thawte, CN=Premium","serial":"62d0a79b","not-before":"2008-09-03T00:00:00Z","not-after":"2011-10-28T23:59:59Z","lifetime":99446399,"logged":"2013-04-23T11:19:42.045Z"}
    {"id":14,"common-name":"=HYPERLINK(\"http://evil.example\")","names":["a.example.com"],"issuer":"CN=x","serial":"0e","not-before":"2026-10-01T00:00:00Z","not-after":"2027-02-01T00:00:00Z","lifetime":10627200,"logged":"2026-10-01T00:00:00Z"}
    "#);
    insta::assert_snapshot!(collected.text("proof.csv")?.trim_start_matches('\u{feff}'), @r#"
    ID,Common name,Names,Issuer,Not before,Not after
    27925475296,www.example.com,*.example.com; www.example.com,"C=US, O=Let's Encrypt, CN=E7",2026-09-14T11:09:47Z,2026-12-13T11:09:46Z
    11,,grün.example.com,"C=DE, O=Müller & Söhne, CN=""Intern""",2024-11-01T00:00:00Z,2026-11-20T23:59:59Z
    12,old.example.com,old.example.com,"C=ZA, O=Thawte, CN=Premium",2008-09-03T00:00:00Z,2011-10-28T23:59:59Z
    14,"'=HYPERLINK(""http://evil.example"")",a.example.com,CN=x,2026-10-01T00:00:00Z,2027-02-01T00:00:00Z
    "#);
    let proof = collected.proof()?;
    let told = [proof["completeness"].to_string(), proof["rejections"].to_string()];
    insta::assert_snapshot!(told.join("\n"), @r#"
    {"complete":null,"declared":null,"duplicates":1,"kept":4,"outside-window":0,"received":6,"rejected":1}
    {"count":1,"first":[{"reason":"not_before is no date","subject":"13"}]}
    "#);
    assert_eq!(source.asked(), ["/?q=example.com&output=json"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let file = component.display().to_string();
    let alone = ended(exhibit(&["plugin", "check", &file]), CHECKED).await?.with(0)?;
    insta::assert_snapshot!(alone.stdout, @"
    ✔ pass  load: it is a plugin, and imports nothing of the host [18 interfaces of WASI, all given to it empty]
    ✔ pass  manifest: the manifest has all labels and help texts [proof types: 1, fields: 9]
    ✔ pass  describe: the manifest is the same at every call [asked 3 times]
    ✔ pass  resolve: the origins are the same at every call, and requests to them are permitted [asked 3 times: list]
    ✔ pass  settings: unknown settings are refused [unknown and missing ones]
    ? skip  open: a collection begins with a request that may be sent (certificates)
            to be given with --with NAME=VALUE: `domain` is not set: Such as example.com, or %.example.com for all below it.
    ? skip  garbage: an unusable answer is an error, not an empty proof (certificates)
            to be given with --with NAME=VALUE: `domain` is not set: Such as example.com, or %.example.com for all below it.
    ? skip  refusals: a refusal is an error, or waited out (certificates)
            to be given with --with NAME=VALUE: `domain` is not set: Such as example.com, or %.example.com for all below it.
    ? skip  floods: an endless or endlessly nested answer is bounded (certificates)
            to be given with --with NAME=VALUE: `domain` is not set: Such as example.com, or %.example.com for all below it.
    ✔ pass  tests: suggested and plain tests are accepted, and invalid ones are refused at their place (certificates) [suggested: 3, plain: 18, nonsense: 3]
    ✔ pass  absent: what the source did not say is inconclusive (certificates) [fields: 9, each absent, empty and there]
    ✔ pass  batches: the verdict on a row does not depend on the size of the batch (certificates) [200 made-up rows by 21 tests, 1, 7, 200 at a time]

    8 checks passed; 4 could not be made.
    ");

    let source = Source::start().await?;
    let collected = collect(component, &source, &["--with", "domain=example.com"]).await?;
    let evidence = collected.folder.path().join("out").display().to_string();
    let check = exhibit(&["plugin", "check", &file, "--evidence", &evidence]);
    let checked = ended(check, CHECKED).await?.with(0)?.stdout.replace(&evidence, "EVIDENCE");
    // Of evidence, everything can be tried.
    let of_it: Vec<&str> = checked.lines().filter(|it| it.contains("(EVIDENCE)")).collect();
    insta::assert_snapshot!(of_it.join("\n"), @"
    ✔ pass  replay: the kept answers give the kept rows (EVIDENCE) [1 answer, 4 rows]
    ✔ pass  open: a collection begins with a request that may be sent (EVIDENCE) [collect and probe]
    ✔ pass  keys: the key tells every row from every other (EVIDENCE) [4 rows by id]
    ✔ pass  repeat: the same answers give the same rows (EVIDENCE) [twice: 1 answers, 1505 bytes]
    ✔ pass  chunks: answers in pieces of any size give the same rows (EVIDENCE) [1 byte (the first 256 KiB), 2 to 48 bytes (the first 64 KiB), whole: 1 answers, 1505 bytes]
    ✔ pass  interruptions: an answer that breaks off leaves nothing behind (EVIDENCE) [3 times each of 1 answers, 1505 bytes]
    ✔ pass  resume: another session resumes from each checkpoint (EVIDENCE) [2 checkpoints]
    ✔ pass  checkpoints: a checkpoint of another job, or an invalid one, is refused (EVIDENCE) [of a job of another day, that is a probe, of another window, with another sign-in, with another domain, with another expired; cut, random and empty]
    ✔ pass  damage: a damaged answer does not crash it, and a truncated one is not accepted as complete (EVIDENCE) [78 damaged answers]
    ✔ pass  garbage: an unusable answer is an error, not an empty proof (EVIDENCE) [8 unusable answers]
    ✔ pass  refusals: a refusal is an error, or waited out (EVIDENCE) [18 refusals]
    ✔ pass  floods: an endless or endlessly nested answer is bounded (EVIDENCE) [8 endless and deeply nested answers]
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn its_evidence_replays() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let collected = collect(component, &source, &["--with", "domain=example.com"]).await?;
    // Nobody to ask any more.
    drop(source);
    let evidence = collected.folder.path().join("out");
    // The evidence brings it, and is not believed that it is the right one.
    let plugin = component.display().to_string();
    let verify = || exhibit(&["verify", &evidence.display().to_string(), "--plugin", &plugin]);
    let verified = ended(verify(), CHECKED).await?.with(0)?;
    assert!(verified.stdout.contains("✔ pass  replay:"), "{}", verified.stdout);
    assert!(verified.stdout.contains("[1 answer, 4 rows]"), "{}", verified.stdout);

    let rows = evidence.join("rows.ndjson.zst");
    let text = String::from_utf8(zstd::decode_all(fs::File::open(&rows)?)?)?;
    let changed = text.replacen("old.example.com", "new.example.com", 1);
    assert_ne!(changed, text);
    fs::write(&rows, zstd::encode_all(changed.as_bytes(), 3)?)?;
    let verified = ended(verify(), CHECKED).await?.with(1)?;
    assert!(verified.stdout.contains("✘ fail  replay:"), "{}", verified.stdout);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn criteria_and_windows_narrow_it_down() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let of_2011 = ["--with", "domain=example.com", "--from", "2011-01-01", "--to", "2012-01-01"];
    let collected = collect(component, &source, &of_2011).await?;
    assert_eq!(collected.proof()?["rows"], 1);
    assert!(collected.text("rows.ndjson.zst")?.starts_with(r#"{"id":12,"#));
    let valid = ["--with", "domain=example.com", "--with", "expired=false"];
    collect(component, &source, &valid).await?.ended.with(0)?;
    assert_eq!(source.asked()[1], "/?q=example.com&output=json&exclude=expired");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_signs_for_it() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let unsigned = collect(component, &source, &["--with", "domain=private.example"]).await?.ended.with(3)?;
    assert!(unsigned.stderr.contains("set sign-in to basic"), "{}", unsigned.stderr);
    let signed = [
        "--with",
        "domain=private.example",
        "--set",
        "sign-in=basic",
        "--secret",
        "username=env:PLAIN_USERNAME",
        "--secret",
        "password=env:PLAIN_PASSWORD",
    ];
    let collected = collect(component, &source, &signed).await?;
    assert_eq!(collected.proof()?["rows"], 4);
    assert!(!collected.text("proof.json")?.contains(PASSWORD));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_as_it_is_told() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let collected = collect(component, &source, &["--with", "domain=busy.example"]).await?;
    assert_eq!(collected.proof()?["rows"], 4);
    assert_eq!(source.asked().len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_is_an_error() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let mut said = Vec::new();
    for further in [["--with", "domain=page.example"], ["--with", "domian=example.com"]] {
        let collected = collect(component, &source, &further).await?;
        assert!(!collected.folder.path().join("out").exists(), "nothing is kept");
        let stderr = collected.ended.stderr.replace(source.origin().trim_start_matches("list="), "ORIGIN");
        said.push(format!("{:?} {stderr}", collected.ended.code));
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    Some(3) error: the answer is no JSON list of objects: it has "<" where none can be (tried 5 times)
      while collecting certificates from ORIGIN/

    Some(2) error: unknown parameter `domian`; known: domain, expired
    next: did you mean `domain`?
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_fit_into_its_memory() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let collected = collect(component, &source, &["--with", "domain=many.example"]).await?;
    assert_eq!(collected.ended.code, Some(0), "{:?}", collected.ended);
    assert_eq!(collected.proof()?["rows"], 20_000);
    Ok(())
}
