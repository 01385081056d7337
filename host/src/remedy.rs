//! What to do next, as values: a command turns them into its flags, a web page into buttons.

use std::borrow::Cow;
use std::fmt;

use exhibit_records::Digest;
use serde::{Deserialize, Serialize};

use crate::certificate_fault::CertificateFileFault;
use crate::nearest::nearest;

/// What a person can do about a failure or a failed check.
///
/// It names no flag, command or environment variable: these belong to the program around the library, which makes its
/// own sentence of each. As JSON it is an object whose `remedy` is a stable word. Its text (`Display`) is a sentence
/// that can follow an error, for programs that have nothing of their own to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "remedy", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[non_exhaustive]
pub enum Remedy {
    /// Advice that is the same in any program: what to write, whom to ask, where to look.
    Advice {
        /// A sentence that can follow an error.
        text: Cow<'static, str>,
    },
    /// Advice in the plugin's own words, made safe to show.
    PluginSays {
        /// On one line.
        text: String,
    },
    /// Another name was meant.
    DidYouMean {
        /// The one that is known.
        name: String,
    },
    /// The plugin is wrong, and only its authors can correct it.
    ReportPlugin,
    /// Raise the limit on the address space of this process, or on its memory.
    GiveAddressSpace,

    /// Set what the plugin asks of a connection.
    GiveSetting {
        /// Its name in the manifest.
        name: String,
    },
    /// Say what narrows the proof down.
    GiveCriterion {
        /// Its name in the manifest.
        name: String,
    },
    /// Say where a secret is kept.
    GiveSecret {
        /// Its name in the manifest.
        name: String,
    },
    /// The secret is not where it should be: put it there, or name another place.
    MoveSecret,
    /// Say where an origin is.
    GiveOrigin {
        /// Its name in the manifest.
        name: String,
    },

    /// No such host: check its spelling, and how this machine resolves names.
    CheckName,
    /// Nothing listens there: check host and port, firewalls and the proxy.
    CheckConnection,
    /// Nothing comes back: check firewalls and the proxy.
    CheckFirewall,
    /// Trust the authority that signs certificates here.
    TrustCertificate,
    /// There are no certificates of authorities to trust at all.
    InstallCertificates,
    /// The file of trusted certificates cannot be used: correct it, or name another one.
    CorrectCertificateFile {
        /// What is wrong with it.
        fault: CertificateFileFault,
    },
    /// Check how the proxy is configured, and what it allows.
    CheckProxy,
    /// Check the credentials that the proxy is given.
    CheckProxyLogin,
    /// The proxy wants a login by NTLM, Negotiate or another scheme: only Basic is supported.
    CheckProxyScheme,
    /// A plugin may not name this machine: name it as the origin, if it is meant.
    NameThisMachine,
    /// Allow requests to this network, if its address is meant.
    AllowNetwork {
        /// In CIDR notation.
        network: String,
        /// Whether a name was resolved to that address.
        named: bool,
    },
    /// Do not deny this network any more, or allow the address in spite of it, if it is meant.
    PermitNetwork {
        /// What is denied, in CIDR notation.
        denied: String,
        /// The network of the address alone, where that decides against the denied one.
        allow: Option<String>,
        /// Whether a name was resolved to that address.
        named: bool,
    },
    /// The place where the secret is kept does not answer: try it later.
    ReadSecretLater,
    /// Check address, credentials and region of the object store.
    CheckObjectStore,
    /// There is no such bucket: check its name, and its region.
    CheckBucket,

    /// The source wants to be left alone: run it again later, or allow a longer wait.
    WaitLonger {
        /// From when on it may be asked again, in milliseconds since 1970; `None` where that cannot be said.
        until: Option<i64>,
    },
    /// Run fewer collections on one connection at a time, or allow a longer wait.
    RunFewer,
    /// The collection took longer than it may: run it again, which resumes what was kept, or allow it more time.
    AllowTime,
    /// All calls of the plugin together took longer than they may: allow them more time, if that is what the plugin needs.
    AllowPluginTime,
    /// All checks together took longer than they may: allow them more time, if what is checked is that large.
    AllowCheckTime,
    /// Evidence has more than is read of it: allow more, if it is expected to be that large.
    AllowUnpacked,

    /// Make a key to sign with.
    CreateKey,
    /// Keep the key without the passphrase that protects it.
    RemovePassphrase,
    /// Name the place of the private key, or make a new key.
    NamePrivateKey,
    /// Name a file with a public key.
    NamePublicKey,
    /// Name the public key that belongs to a signature.
    NameKey {
        /// The id of the key that it should be, where the evidence says that.
        key: Option<String>,
    },
    /// Name the public key of the expected signer, or do not rely on it where that was named.
    NameExpectedKey,
    /// Name the public key of the store's log.
    NameLogKey,
    /// Name an earlier copy of the log's checkpoint.
    NameCheckpoint,
    /// Name the certificates of the time stamp authority.
    NameCertificates {
        /// The authority, as the evidence names it.
        authority: String,
    },
    /// Check the authority's address, or name another authority.
    NameOtherAuthority,
    /// The time stamp is signed with a key that is not known here: check it with another program.
    CheckTimestampElsewhere,

    /// Name evidence, as a collection made it.
    NameEvidence,
    /// Name evidence, or a bundle of it.
    NameEvidenceOrBundle,
    /// Name evidence, or a store.
    NameEvidenceOrStore,
    /// Name evidence, a bundle of it, or a store.
    NameEvidenceBundleOrStore,
    /// Evidence that is not what it was is no evidence.
    DoNotRely,
    /// This machine failed, and that says nothing of the evidence: mend it, and check again.
    CheckMachine,
    /// Another program left it in the folder: remove it, and check again.
    RemoveLeftover {
        /// What it is, from the folder on.
        path: String,
    },
    /// Another program made an archive of evidence: unpack it, and check the folder.
    UnpackArchive {
        /// What it is called, such as `tar` or `zip`.
        format: String,
    },
    /// The evidence is in a folder of the one that was named.
    NameFolderWithin {
        /// From the named one on.
        folder: String,
    },
    /// A store that is not what it was.
    RestoreStore,
    /// Bundle the evidence where its store is: then the plugin is in it, too.
    Bundle,
    /// Test the evidence first.
    Test,
    /// Say which instant counts as now.
    GiveInstant,

    /// Name the plugin of this digest, or say that it is trusted.
    TrustPlugin {
        /// Of its component.
        digest: Digest,
    },
    /// Name the plugin that collected the evidence.
    NamePluginOfEvidence,

    /// Make a store there.
    CreateStore,
    /// List what evidence the store has.
    ListEvidence,
    /// Sign with the key of the store.
    GiveStoreKey,
    /// What was pruned is removed by the next one that writes to the store.
    FinishPruning,
    /// Use the version of the program that wrote it, or a later one.
    UseWriter,
    /// Use a later version of the program.
    Update,

    /// Begin with the tests that the plugin suggests.
    SuggestTests {
        /// For which proof type.
        proof_type: String,
    },
    /// List the proof types that the plugin has.
    ListProofTypes,
    /// List the fields of a proof type.
    ListFields {
        /// Which.
        proof_type: String,
    },
    /// The file is no TOML: see an example of one.
    SeeExampleOfTests,
    /// Move away what is in the way of a test run, or run the tests without keeping the run.
    MoveAwayOrDryRun,
    /// Make room for a test run, or run the tests without keeping the run.
    MakeRoomOrDryRun,
    /// Name the key that signs the run, or run the tests without keeping the run.
    SignOrDryRun,
    /// Nothing can be added to a bundle: run the tests without keeping the run, or unpack the bundle.
    UnpackOrDryRun,

    /// Give the registry's user name and password.
    GiveLogin,
    /// Allow the registry's credentials to be sent to another server.
    AllowRealm {
        /// Its address.
        realm: String,
    },
}

impl Remedy {
    /// The one of the known names, separated by ", ", that was probably meant.
    pub(crate) fn meant(name: &str, known: &str) -> Option<Self> {
        nearest(name, known.split(", ")).map(|it| Self::DidYouMean { name: it.to_owned() })
    }
}

impl From<&'static str> for Remedy {
    fn from(text: &'static str) -> Self {
        Self::Advice { text: Cow::Borrowed(text) }
    }
}

impl From<String> for Remedy {
    fn from(text: String) -> Self {
        Self::Advice { text: Cow::Owned(text) }
    }
}

/// What comes before a change of what is allowed.
fn meant(named: bool) -> &'static str {
    if named {
        "check what the name resolves to here; if that address is meant,"
    } else {
        "if that address is meant,"
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Advice { text } => text,
            Self::PluginSays { text } => text,
            Self::DidYouMean { name } => return write!(f, "did you mean `{name}`?"),
            Self::ReportPlugin => "that is a fault of the plugin: update it, or tell its authors",
            Self::GiveAddressSpace => {
                "allow this program more address space (2 GiB suffice), or end what else takes the memory of this machine"
            }
            Self::GiveSetting { name } => return write!(f, "set `{name}`"),
            Self::GiveCriterion { name } => return write!(f, "give the criterion `{name}`"),
            Self::GiveSecret { name } => return write!(f, "say where the secret `{name}` is kept"),
            Self::MoveSecret => "put it there, or name another place",
            Self::GiveOrigin { name } => return write!(f, "say where the origin `{name}` is"),
            Self::CheckName => {
                "check how the origin is spelled, and whether this machine resolves names or needs a proxy"
            }
            Self::CheckConnection => {
                "check the origin's host and port, and whether a firewall or a missing proxy refuses the connection"
            }
            Self::CheckFirewall => {
                "check for a firewall that drops packets, or a missing proxy; otherwise the source is slow: try again later"
            }
            Self::TrustCertificate => {
                "if a proxy or a private authority signs certificates here, add its certificate to the trusted ones"
            }
            Self::InstallCertificates => "install the certificates of the authorities that are trusted here",
            Self::CorrectCertificateFile { fault } => fault.advice(),
            Self::CheckProxyScheme => {
                "only logins by Basic are supported, not NTLM, Negotiate or Digest: have the proxy let this machine through by its address, or take Basic; or run a proxy here that logs in to it"
            }
            Self::CheckProxy => "check how the proxy is configured, and what it allows",
            Self::CheckProxyLogin => "check the user name and the password that the proxy is given",
            Self::NameThisMachine => {
                "a plugin may not name this machine: if it is meant, name it as the origin yourself"
            }
            Self::AllowNetwork { network, named } => {
                return write!(f, "{} allow {network}", meant(*named));
            }
            Self::PermitNetwork { denied, allow: Some(allow), named } => {
                return write!(f, "{} allow {allow}, or no longer deny {denied}", meant(*named));
            }
            Self::PermitNetwork { denied, allow: None, named } => {
                return write!(f, "{} no longer deny {denied}", meant(*named));
            }
            Self::ReadSecretLater => {
                "try again later; if it is not read then, check the place where it is kept"
            }
            Self::CheckObjectStore => "check the object store's address, credentials and region",
            Self::CheckBucket => {
                "check the bucket's name and region; a new one is made with the object store's own tools"
            }
            Self::WaitLonger { until } => {
                let at = until.and_then(|it| jiff::Timestamp::from_millisecond(it).ok());
                return match at {
                    Some(at) => {
                        let at = at.round(jiff::Unit::Second).unwrap_or(at);
                        write!(f, "run it again after {at}, or allow a longer wait")
                    }
                    None => f.write_str("run it again later, or allow a longer wait"),
                };
            }
            Self::RunFewer => {
                "run fewer collections on one connection at a time, or allow a longer wait"
            }
            Self::AllowTime => "check why the source is that slow, or allow the collection more time",
            Self::AllowPluginTime => {
                "if the plugin is trusted, and this much is to be expected on this machine, allow its calls more time together"
            }
            Self::AllowCheckTime => {
                "if checks that take this long were expected, allow them more time"
            }
            Self::AllowUnpacked => {
                "if evidence of this size was expected, allow more of it to be read; if not, do not rely on it"
            }
            Self::CreateKey => "make a new key",
            Self::RemovePassphrase => "keep it where only this program reads it, without a passphrase",
            Self::NamePrivateKey => "name the place where the private key is, or make a new key",
            Self::NamePublicKey => "name a file with a public key",
            Self::NameKey { key: Some(_) } => "name that key's file",
            Self::NameKey { key: None } => "name the key's file",
            Self::NameExpectedKey => {
                "name the public key of the expected signer; if that is the one you named, do not rely on it"
            }
            Self::NameLogKey => "name the log key's file",
            Self::NameCheckpoint => "name an earlier copy of this log's log/checkpoint",
            Self::NameCertificates { .. } => "name the file of that authority's certificates",
            Self::NameOtherAuthority => "check the authority's URL, or name another authority",
            Self::CheckTimestampElsewhere => "check the time stamp with another program",
            Self::NameEvidence => "name a folder with evidence",
            Self::NameEvidenceOrBundle => "name a folder with evidence, or a bundle of it",
            Self::NameEvidenceOrStore => "name a folder with evidence, or a store",
            Self::NameEvidenceBundleOrStore => "name a folder with evidence, a bundle of it, or a store",
            Self::DoNotRely => "do not rely on it: take it from where it was kept, or collect it again",
            Self::CheckMachine => {
                "that is a fault of this machine, and says nothing of the evidence: make room, check the disk, its locks and the \
                 rights to read it, and run the same command again"
            }
            Self::RemoveLeftover { path } => {
                return write!(f, "remove {path}, which is not part of it, and verify the rest again");
            }
            Self::UnpackArchive { .. } => {
                "unpack it into an empty folder and verify the folder with proof.json in it, or make a bundle of that"
            }
            Self::NameFolderWithin { folder } => return write!(f, "name the folder `{folder}` in it"),
            Self::RestoreStore => {
                "do not rely on it: restore it from a copy, and find out who could write to it"
            }
            Self::Bundle => "a store keeps plugins once for all evidence: make one file of it there",
            Self::Test => "test it first",
            Self::GiveInstant => "say which instant counts as now",
            Self::TrustPlugin { .. } => "name its file, or say that it is trusted",
            Self::NamePluginOfEvidence => "name the plugin that collected it",
            Self::CreateStore => "make a store there first",
            Self::ListEvidence => "list what evidence the store has",
            Self::GiveStoreKey => "sign with the key that the store was made with",
            Self::FinishPruning => "it is removed when the store is written to next",
            Self::UseWriter => "use the version that wrote it, or a later one",
            Self::Update => "use a later version",
            Self::SuggestTests { proof_type } => {
                return write!(f, "begin with the tests that the plugin suggests for `{proof_type}`");
            }
            Self::ListProofTypes => "list the proof types that the plugin has",
            Self::ListFields { proof_type } => {
                return write!(f, "list the fields of the proof type `{proof_type}`");
            }
            Self::SeeExampleOfTests => {
                "texts are in quotes, and a line for each key; the suggested tests are an example"
            }
            Self::MoveAwayOrDryRun => "move it away, or run the tests without keeping the run",
            Self::MakeRoomOrDryRun => "make room, or run the tests without keeping the run",
            Self::SignOrDryRun => "name the key that signs the run, or run the tests without keeping the run",
            Self::UnpackOrDryRun => "unpack it into a folder, or run the tests without keeping the run",
            Self::GiveLogin => "give the registry's user name and password",
            Self::AllowRealm { realm } => {
                return write!(f, "if that is right, allow the credentials to be sent to {realm}");
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_word_and_its_data_for_machines() {
        let digest = Digest::of(b"plugin");
        for (remedy, json) in [
            (Remedy::from("ask"), r#"{"remedy":"advice","text":"ask"}"#.to_owned()),
            (Remedy::DoNotRely, r#"{"remedy":"do-not-rely"}"#.to_owned()),
            (Remedy::NameKey { key: None }, r#"{"remedy":"name-key","key":null}"#.to_owned()),
            (Remedy::WaitLonger { until: Some(5) }, r#"{"remedy":"wait-longer","until":5}"#.to_owned()),
            (Remedy::TrustPlugin { digest }, format!(r#"{{"remedy":"trust-plugin","digest":"{digest}"}}"#)),
            (
                Remedy::SuggestTests { proof_type: "users".to_owned() },
                r#"{"remedy":"suggest-tests","proof-type":"users"}"#.to_owned(),
            ),
        ] {
            assert_eq!(serde_json::to_string(&remedy).expect("JSON"), json);
            assert_eq!(serde_json::from_str::<Remedy>(&json).expect("a remedy"), remedy);
        }
    }

    #[test]
    fn an_instant_to_wait_for_is_a_time_of_the_clock() {
        let said = |until| Remedy::WaitLonger { until }.to_string();
        assert_eq!(said(Some(1_000)), "run it again after 1970-01-01T00:00:01Z, or allow a longer wait");
        for never in [None, Some(i64::MAX)] {
            assert_eq!(said(never), "run it again later, or allow a longer wait");
        }
    }
}
