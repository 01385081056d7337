//! What to do next, in the words of this command: with its flags, its commands and the variables that it reads. What
//! needs none of them is said as the library says it.

use exhibit::Remedy;
use exhibit::http::CertificateFileFault;

/// A sentence that can follow an error.
pub(super) fn sentence(remedy: &Remedy) -> String {
    let text = match remedy {
        Remedy::GiveSetting { name } => {
            return format!("add --set {name}=…; `exhibit plugin show` lists all settings");
        }
        Remedy::GiveAddressSpace => {
            "allow exhibit more address space (`ulimit -v`, or the limit of its service or container; 2 GiB suffice), or end what else takes the memory of this machine"
        }
        Remedy::GiveCriterion { .. } => "give it with --with NAME=VALUE",
        Remedy::GiveSecret { name } => {
            return format!("add --secret {name}=env:VARIABLE or --secret {name}=file:PATH");
        }
        Remedy::MoveSecret => "put it there, or name another place with --secret",
        Remedy::GiveOrigin { name } => return format!("add --origin {name}=https://…"),
        Remedy::AllowTime => {
            "check why the source is that slow, or allow the collection more time with --max-time SECONDS"
        }
        Remedy::AllowPluginTime => {
            "if the plugin is trusted, and this much is to be expected on this machine, allow it more time with --max-plugin-time SECONDS"
        }
        Remedy::AllowCheckTime => {
            "if checks that take this long were expected, allow them more time with --max-time SECONDS"
        }
        Remedy::AllowUnpacked => {
            "if evidence of this size was expected, allow more with --max-unpacked GIB; if not, do not rely on it"
        }
        Remedy::CheckName => {
            "check how the origin is spelled, and whether this machine resolves names (or needs a proxy: HTTPS_PROXY)"
        }
        Remedy::CheckConnection => {
            "check the origin's host and port, and whether a firewall or a missing proxy (HTTPS_PROXY) refuses the connection"
        }
        Remedy::CheckFirewall => {
            "check for a firewall that drops packets, or a missing proxy (HTTPS_PROXY); otherwise the source is slow: try again later"
        }
        Remedy::TrustCertificate => {
            "if a proxy or a private authority signs certificates here, name its certificate in SSL_CERT_FILE"
        }
        Remedy::InstallCertificates => {
            "install ca-certificates, or name a file of trusted certificates in SSL_CERT_FILE"
        }
        Remedy::CorrectCertificateFile { fault } => {
            return match fault {
                CertificateFileFault::Der => "convert it with `openssl x509 -inform der -in FILE -out NEW` (a PKCS#7 file: `openssl pkcs7 -inform der -print_certs -in FILE -out NEW`), and name NEW in SSL_CERT_FILE".to_owned(),
                CertificateFileFault::Trusted => {
                    "convert it with `openssl x509 -in FILE -out NEW`, and name NEW in SSL_CERT_FILE".to_owned()
                }
                CertificateFileFault::Unnamed => "unset SSL_CERT_FILE, or name a file in it".to_owned(),
                CertificateFileFault::Unreadable => {
                    "name a file that exhibit can read in SSL_CERT_FILE, or unset it".to_owned()
                }
                _ => format!("{remedy}; it is the file that SSL_CERT_FILE names"),
            };
        }
        Remedy::CheckProxyLogin => "check the user name and the password in HTTPS_PROXY",
        Remedy::NameThisMachine => "if this machine is meant, name it with --origin NAME=URL",
        Remedy::AllowNetwork { network, named } => {
            return format!("{} add --allow-network {network}", meant(*named));
        }
        Remedy::PermitNetwork { denied, allow: Some(allow), named } => {
            return format!(
                "{} add --allow-network {allow}, or leave out --deny-network {denied}",
                meant(*named)
            );
        }
        Remedy::PermitNetwork { denied, allow: None, named } => {
            return format!("{} leave out --deny-network {denied}", meant(*named));
        }
        Remedy::CheckProxy => "check HTTPS_PROXY and NO_PROXY, and what the proxy allows",
        Remedy::CheckObjectStore => "check the address, the credentials in the environment, and the region",
        Remedy::CheckBucket => {
            "check the bucket's name in the address, and its region (AWS_REGION); a new one is made with the object store's own tools"
        }
        Remedy::CreateKey => "make one with `exhibit keys new --out FILE`",
        Remedy::RemovePassphrase => {
            "keep it where only this program reads it, without one (`openssl pkey -in FILE -out FILE` removes it)"
        }
        Remedy::NamePrivateKey => {
            "name it with --sign file:PATH or --sign env:VARIABLE; `exhibit keys new --out FILE` makes one"
        }
        Remedy::NamePublicKey => "name the file that `exhibit keys new` wrote beside the private key",
        Remedy::NameKey { key: Some(_) } => "name that key's file with --key",
        Remedy::NameKey { key: None } => "name the key's file with --key",
        Remedy::NameLogKey => "name the log key's file with --key",
        Remedy::NameCertificates { .. } => "name the file of that authority's certificates with --tsa-cert",
        Remedy::NameOtherAuthority => {
            "check the authority's URL, or name another authority with --timestamp-url"
        }
        Remedy::CheckTimestampElsewhere => "check it with `openssl ts -verify`, as EVIDENCE.md says",
        Remedy::NameEvidence => "name a folder that `exhibit collect` made",
        Remedy::NameEvidenceOrBundle => {
            "name a folder that `exhibit collect` made, or a bundle that `exhibit bundle` made"
        }
        Remedy::NameEvidenceOrStore => "name a folder that `exhibit collect` made, or a store",
        Remedy::NameEvidenceBundleOrStore => {
            "name a folder that `exhibit collect` made, a bundle, or a store"
        }
        Remedy::RemoveLeftover { path } => {
            return format!("remove {path}, which is not part of it, and run `exhibit verify` again");
        }
        Remedy::UnpackArchive { format } => {
            let how = match format.as_str() {
                "tar" | "gzip" | "bzip2" | "xz" | "zstd" => " (`tar -xf FILE -C DIR`)",
                "zip" => " (`unzip FILE -d DIR`)",
                _ => "",
            };
            return format!(
                "unpack it into an empty folder{how} and verify the folder with proof.json in it; `exhibit bundle` makes a \
                 bundle of that folder again"
            );
        }
        Remedy::Bundle => {
            "a store keeps plugins once for all evidence: make one file of it there with `exhibit bundle`"
        }
        Remedy::Test => "test it first, with `exhibit test`",
        Remedy::GiveInstant => "say it with --as-of",
        Remedy::TrustPlugin { digest } => {
            return format!(
                "if you know this plugin from elsewhere, name its file with --plugin, or trust it with --trust {digest}; \
                 --allow-unknown-plugin runs it without trust"
            );
        }
        Remedy::NamePluginOfEvidence => "name the plugin that collected it, with --plugin",
        Remedy::CreateStore => "make one with `exhibit evidence init`",
        Remedy::ListEvidence => "`exhibit evidence list` says what there is",
        Remedy::GiveStoreKey => "name the store's key with --sign file:PATH or --sign env:VARIABLE",
        Remedy::FinishPruning => "the next `exhibit collect` or `exhibit evidence prune` removes it",
        Remedy::UseWriter => "use the exhibit that wrote it, or a later one",
        Remedy::Update => "update exhibit",
        Remedy::SuggestTests { proof_type } => {
            return format!("`exhibit test-file suggested {proof_type}` writes some to begin with");
        }
        Remedy::ListProofTypes => "`exhibit types` lists what it has",
        Remedy::ListFields { proof_type } => return format!("`exhibit types {proof_type}` lists its fields"),
        Remedy::SeeExampleOfTests => {
            "texts are in quotes, and a line for each key; `exhibit test-file suggested TYPE` writes an example"
        }
        Remedy::MoveAwayOrDryRun => {
            "move it away, or see what a run would give with --what-if, which writes nothing"
        }
        Remedy::MakeRoomOrDryRun => {
            "make room, or see what a run would give with --what-if, which writes nothing"
        }
        Remedy::SignOrDryRun => {
            "name the key that signs the run, with --sign file:KEY, or see what a run would give with --what-if, which writes nothing"
        }
        Remedy::UnpackOrDryRun => {
            "see what a run would give with --what-if, or unpack it with tar -xf into a folder"
        }
        Remedy::GiveLogin => "say where the registry's credentials are kept, with --username and --password",
        Remedy::AllowRealm { realm } => return format!("if that is right, say so with --realm {realm}"),
        plain => return plain.to_string(),
    };
    text.to_owned()
}

/// What comes before a change of which addresses requests go to.
fn meant(named: bool) -> &'static str {
    if named {
        "check what the name resolves to here; if that address is meant,"
    } else {
        "if that address is meant,"
    }
}

/// Why a check was not made, and what makes it possible, in one sentence.
pub(super) fn reason(why: &str, next: Option<&Remedy>) -> String {
    match next {
        None => why.to_owned(),
        Some(Remedy::GiveSetting { .. }) => format!("to be given with --set NAME=VALUE: {why}"),
        Some(Remedy::GiveCriterion { .. }) => format!("to be given with --with NAME=VALUE: {why}"),
        Some(next) => format!("{why}: {}", sentence(next)),
    }
}

#[cfg(test)]
mod tests {
    use exhibit::http::{Egress, EgressRules, NotANetwork};

    use super::*;

    #[test]
    fn a_refused_address_is_followed_by_the_option_that_permits_it() -> Result<(), NotANetwork> {
        let rules = EgressRules::default().deny("203.0.113.0/24".parse()?).deny("192.0.2.1".parse()?);
        let egress = Egress::from(rules);
        let next = |address: [u8; 4]| {
            let blocked = egress.check("api.example", address.into()).err();
            blocked.map_or_else(|| "not refused".to_owned(), |it| sentence(&it.advice()))
        };
        let all = [[127, 0, 0, 1], [203, 0, 113, 9], [192, 0, 2, 1], [169, 254, 169, 254]].map(next);
        insta::assert_snapshot!(all.join("\n"), @"
        check what the name resolves to here; if that address is meant, add --allow-network 127.0.0.1/32
        check what the name resolves to here; if that address is meant, add --allow-network 203.0.113.9/32, or leave out --deny-network 203.0.113.0/24
        check what the name resolves to here; if that address is meant, leave out --deny-network 192.0.2.1/32
        no policy permits requests to that address: check the origin, and what its name resolves to here
        ");
        Ok(())
    }

    #[test]
    fn what_needs_no_flag_is_said_as_the_library_says_it() {
        for plain in [Remedy::DoNotRely, Remedy::ReportPlugin, Remedy::from("ask the registry's operator")] {
            assert_eq!(sentence(&plain), plain.to_string());
        }
    }

    #[test]
    fn names_of_what_is_missing_are_in_the_flags() {
        let name = || "password".to_owned();
        let said = [
            sentence(&Remedy::GiveSetting { name: name() }),
            sentence(&Remedy::GiveSecret { name: name() }),
            sentence(&Remedy::GiveOrigin { name: name() }),
            sentence(&Remedy::SuggestTests { proof_type: "users".to_owned() }),
            sentence(&Remedy::ListFields { proof_type: "users".to_owned() }),
            sentence(&Remedy::AllowRealm { realm: "https://b.example".to_owned() }),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        add --set password=…; `exhibit plugin show` lists all settings
        add --secret password=env:VARIABLE or --secret password=file:PATH
        add --origin password=https://…
        `exhibit test-file suggested users` writes some to begin with
        `exhibit types users` lists its fields
        if that is right, say so with --realm https://b.example
        ");
    }

    #[test]
    fn what_other_programs_did_is_undone_with_commands_that_are_at_hand() {
        let unpack = |format: &str| sentence(&Remedy::UnpackArchive { format: format.to_owned() });
        let said = [
            sentence(&Remedy::RemoveLeftover { path: "answers/.DS_Store".to_owned() }),
            unpack("tar"),
            unpack("zip"),
            unpack("7z"),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        remove answers/.DS_Store, which is not part of it, and run `exhibit verify` again
        unpack it into an empty folder (`tar -xf FILE -C DIR`) and verify the folder with proof.json in it; `exhibit bundle` makes a bundle of that folder again
        unpack it into an empty folder (`unzip FILE -d DIR`) and verify the folder with proof.json in it; `exhibit bundle` makes a bundle of that folder again
        unpack it into an empty folder and verify the folder with proof.json in it; `exhibit bundle` makes a bundle of that folder again
        ");
    }

    #[test]
    fn a_check_that_was_not_made_says_what_makes_it_possible() {
        let key = Remedy::NameKey { key: Some("00ff".to_owned()) };
        let criterion = Remedy::GiveCriterion { name: "least".to_owned() };
        let said = [
            reason("not signed", None),
            reason("it says that the key 00ff signed it", Some(&key)),
            reason("`least` is not set: help", Some(&criterion)),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        not signed
        it says that the key 00ff signed it: name that key's file with --key
        to be given with --with NAME=VALUE: `least` is not set: help
        ");
    }
}
