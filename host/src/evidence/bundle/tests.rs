use std::fs;
use std::io::{self, Read};
use std::path::Path;

use tar::{EntryType, Header};

use super::form::{BLOCK, END, header};
use super::reader::next;
use super::*;
use crate::disk::{self, KeepError, names};

type Tested = Result<(), Box<dyn std::error::Error>>;

const FILES: [(&str, &[u8]); 5] = [
    ("answers/000001.zst", b"an answer"),
    ("answers/index.ndjson", b"{}\n"),
    ("proof.json", &[b'x'; BLOCK]),
    ("tests/0001/run.json", b""),
    ("tests/10000/run.json", b"{}"),
];

fn evidence(folder: &Path) -> io::Result<()> {
    for (name, bytes) in FILES {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

#[test]
fn a_bundle_is_the_same_each_time_and_gives_the_evidence_back() -> Tested {
    let place = tempfile::tempdir()?;
    let it = |name: &str| place.path().join(name);
    evidence(&it("one"))?;
    write(&it("one"), &it("one.tar"), &[])?;
    unpack(&it("one.tar"), &it("two"))?;
    for (name, bytes) in FILES {
        assert_eq!(fs::read(it("two").join(name))?, bytes, "{name}");
    }
    write(&it("two"), &it("two.tar"), &[])?;
    assert_eq!(fs::read(it("one.tar"))?, fs::read(it("two.tar"))?);
    assert!(matches!(write(&it("two"), &it("one.tar"), &[]), Err(KeepError::Taken(_))));
    let mut left = names(place.path())?;
    left.sort();
    assert_eq!(left, ["one", "one.tar", "two", "two.tar"]);
    Ok(())
}

#[test]
fn what_evidence_does_not_have_is_not_put_into_one() -> Tested {
    let place = tempfile::tempdir()?;
    let folder = place.path().join("it");
    for name in ["more.txt", "tests/0001/more.txt", "answers/1.zst", "answers/more/000001.zst"] {
        evidence(&folder)?;
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(&path, "more")?;
        assert!(write(&folder, &place.path().join("it.tar"), &[]).is_err(), "{name}");
        fs::remove_dir_all(&folder)?;
    }
    assert_eq!(names(place.path())?.len(), 0);
    Ok(())
}

#[test]
fn any_byte_of_a_bundle_that_changes_is_noticed_or_is_in_a_file() -> Tested {
    let place = tempfile::tempdir()?;
    let it = |name: &str| place.path().join(name);
    // Two files are all that there is to it; each byte takes some folders.
    let files = &FILES[..2];
    for (name, bytes) in files {
        fs::create_dir_all(it("it/answers"))?;
        fs::write(it("it").join(name), bytes)?;
    }
    write(&it("it"), &it("it.tar"), &[])?;
    let whole = fs::read(it("it.tar"))?;
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(it("altered.tar"), &altered)?;
        let unpacked = unpack(&it("altered.tar"), &it("out"));
        let differs =
            FILES.iter().any(|(name, bytes)| fs::read(it("out").join(name)).ok().as_deref() != Some(*bytes));
        assert!(unpacked.is_err() || differs, "byte {at}");
        fs::remove_dir_all(it("out"))?;
    }
    for length in [0, 1, BLOCK, whole.len() - BLOCK, whole.len() - 1] {
        fs::write(it("altered.tar"), &whole[..length])?;
        assert!(unpack(&it("altered.tar"), &it("out")).is_err(), "{length} bytes");
        fs::remove_dir_all(it("out"))?;
    }
    fs::write(it("altered.tar"), [&whole[..], b"\0"].concat())?;
    assert!(unpack(&it("altered.tar"), &it("out")).is_err());
    Ok(())
}

#[test]
fn nothing_is_unpacked_elsewhere() -> Tested {
    let place = tempfile::tempdir()?;
    let it = |name: &str| place.path().join(name);
    for name in ["../evil", "/tmp/evil", "answers/../../evil", "answers/", "proof.json/", "./proof.json"] {
        let mut header = header("proof.json", 0)?;
        let field = &mut header.as_mut_bytes()[..100];
        field.fill(0);
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        fs::write(it("evil.tar"), [header.as_bytes(), &[0; END][..]].concat())?;
        let refused = unpack(&it("evil.tar"), &it("out")).expect_err(name);
        let said = match name {
            // As many programs have it.
            "./proof.json" => "it is a tar archive of another program",
            _ => "it has a file that evidence does not have",
        };
        assert!(refused.to_string().ends_with(said), "{name}: {refused}");
        fs::remove_dir_all(it("out"))?;
    }
    let mut link = header("proof.json", 0)?;
    link.set_entry_type(EntryType::Symlink);
    link.set_link_name("/etc/passwd")?;
    link.set_cksum();
    fs::write(it("evil.tar"), [link.as_bytes(), &[0; END][..]].concat())?;
    assert!(unpack(&it("evil.tar"), &it("out")).is_err());
    Ok(())
}

/// The files, as other programs write them.
fn archived(write: impl FnOnce(&mut tar::Builder<Vec<u8>>) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    write(&mut archive)?;
    archive.into_inner()
}

#[test]
fn an_archive_of_another_program_is_named_as_one_and_what_is_damaged_is_not() -> Tested {
    let place = tempfile::tempdir()?;
    let it = |name: &str| place.path().join(name);
    evidence(&it("it"))?;
    write(&it("it"), &it("it.tar"), &[])?;
    let whole = fs::read(it("it.tar"))?;
    let touched = |header: &mut Header| {
        header.set_mtime(1_793_491_200);
        header.set_cksum();
    };
    let mut with_time = self::header("proof.json", 0)?;
    touched(&mut with_time);
    let (mut folder, mut extended) = (self::header("proof.json", 0)?, self::header("proof.json", 0)?);
    folder.set_entry_type(EntryType::Directory);
    folder.set_path("./")?;
    touched(&mut folder);
    extended.set_entry_type(EntryType::XHeader);
    extended.set_path("PaxHeader/proof.json")?;
    touched(&mut extended);
    let (mut finder, mut unsorted) = (self::header("proof.json", 0)?, Vec::new());
    for name in ["proof.json", "answers/index.ndjson"] {
        unsorted.extend_from_slice(self::header(name, 0)?.as_bytes());
    }
    finder.set_path("._proof.json")?;
    finder.set_cksum();
    for (archive, format) in [
        (archived(|archive| archive.append_dir_all(".", it("it")))?, "tar"),
        (archived(|archive| archive.append_dir_all("evidence", it("it")))?, "tar"),
        (with_time.as_bytes().to_vec(), "tar"),
        (folder.as_bytes().to_vec(), "tar"),
        (extended.as_bytes().to_vec(), "tar"),
        (finder.as_bytes().to_vec(), "tar"),
        (unsorted, "tar"),
        ([&whole[..], &[0; 18 * BLOCK]].concat(), "tar"),
        (b"PK\x03\x04".to_vec(), "zip"),
        (b"\x1f\x8b\x08".to_vec(), "gzip"),
    ] {
        fs::write(it("other"), &archive)?;
        let refused = unpack(&it("other"), &it("out")).expect_err(format);
        assert!(matches!(refused, UnpackError::Other(it) if it == format), "{refused}");
        fs::remove_dir_all(it("out"))?;
    }
    let mut damaged = with_time.as_bytes().to_vec();
    damaged[0] ^= 1;
    for (file, said) in [
        (&b"{}\n"[..], "it ends early"),
        (&[b'x'; BLOCK], "it is no tar archive, or one of its headers is damaged"),
        (&damaged, "it is no tar archive, or one of its headers is damaged"),
    ] {
        fs::write(it("other"), file)?;
        let refused = unpack(&it("other"), &it("out")).expect_err(said);
        assert!(refused.to_string().ends_with(said), "{refused}");
        fs::remove_dir_all(it("out"))?;
    }
    Ok(())
}

#[test]
fn what_is_meant_as_a_bundle_is_known_by_its_name_or_its_beginning() -> Tested {
    let place = tempfile::tempdir()?;
    let it = |name: &str| place.path().join(name);
    evidence(&it("it"))?;
    write(&it("it"), &it("it.tar"), &[])?;
    let mut altered = fs::read(it("it.tar"))?;
    altered[0] ^= 1;
    fs::write(it("altered"), &altered)?;
    fs::write(it("cut.exhibit.tar"), &altered[..100])?;
    for (name, bytes) in [("notes.tar", &b"of a person"[..]), ("zeroes", &[0; END]), ("cut", &altered[..100])]
    {
        fs::write(it(name), bytes)?;
        assert!(!is_meant_as_one(&it(name)), "{name}");
    }
    for name in ["it.tar", "altered", "cut.exhibit.tar"] {
        assert!(is_meant_as_one(&it(name)), "{name}");
    }
    Ok(())
}

/// A disk that fails after so many bytes.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.min(into.len());
        if read == 0 {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        into[..read].fill(0);
        self.0 -= read;
        Ok(read)
    }
}

#[test]
fn a_disk_that_fails_is_not_taken_for_a_bundle_that_ends_early() {
    for bytes in [0, 100, BLOCK, BLOCK + 100] {
        let Err(UnpackError::Io(error)) = next(&mut Failing(bytes)) else {
            panic!("{bytes}: it should fail")
        };
        assert!(disk::is_of_this_machine(&error), "{bytes}: {error}");
    }
    let Err(UnpackError::Io(error)) = next(&mut io::empty()) else { panic!("nothing is no bundle") };
    assert!(!disk::is_of_this_machine(&error) && error.to_string().contains("ends early"), "{error}");
}
