//! Secrets that were given as arguments, where the place is wanted that they are kept in. Arguments are seen by everyone
//! on the machine and stay in a shell's history, so such a call is refused, and what was given is not repeated.

use clap::error::{ContextKind, ContextValue};
use exhibit::http::MARK;

use super::failure::Failure;

/// What every PEM text has in it.
const PEM: &str = "-----BEGIN";
/// What a registry's reference begins with, where a plugin is named.
const REGISTRY: &str = "oci:";
/// What the address of a database begins with.
const DATABASE: &str = "postgres";
/// Options that say where a secret is kept.
const REFERENCES: [&str; 6] =
    ["--secret", "--sign", "--username", "--password", "--pseudonym-key", "--state-password"];

/// Why a call with these arguments is refused before it is read, if it is.
pub(super) fn refused(arguments: &[String]) -> Option<Failure> {
    let mut option = "";
    for (at, argument) in arguments.iter().enumerate() {
        let value = match argument.split_once('=') {
            Some((name, value)) if is_option(name) => {
                option = name;
                value
            }
            _ if is_option(argument) => {
                option = argument;
                continue;
            }
            _ => argument,
        };
        // Without quotation marks a shell takes it apart.
        let words = || value.split_whitespace().chain(arguments.iter().skip(at + 1).map(String::as_str));
        let refused = if value.contains(PEM) {
            let text: Vec<&str> = words().skip_while(|it| !it.contains(PEM)).take(3).collect();
            Some(of_pem(option, text.contains(&"PRIVATE")))
        } else if has_credentials(value) {
            Some(of_url(option))
        } else {
            None
        };
        if refused.is_some() {
            return refused;
        }
    }
    None
}

/// The same error, without the words that may be of a secret: those that follow an option which says where one is kept.
pub(super) fn without_secrets(mut usage: clap::Error, arguments: &[String]) -> clap::Error {
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        let Some(ContextValue::String(named)) = usage.get(kind) else { continue };
        if may_be_secret(named, arguments) {
            usage.insert(kind, ContextValue::String(MARK.to_owned()));
            // That it could be passed on as a value repeats it, too.
            usage.remove(ContextKind::Suggested);
        }
    }
    usage
}

fn may_be_secret(named: &str, arguments: &[String]) -> bool {
    let mut after_reference = false;
    arguments.iter().any(|argument| {
        let name = argument.split_once('=').map_or(argument.as_str(), |it| it.0);
        let is_value = if is_option(name) {
            after_reference = REFERENCES.contains(&name);
            false
        } else {
            after_reference
        };
        is_value && !named.is_empty() && argument.contains(named.trim_start_matches('-'))
    })
}

/// `--name`, and not a value that begins with dashes.
fn is_option(text: &str) -> bool {
    let name = text.strip_prefix("--").unwrap_or_default();
    name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
}

/// A user name or a password before the host of a URL or of a registry.
fn has_credentials(value: &str) -> bool {
    if let Some(reference) = value.strip_prefix(REGISTRY) {
        // After the last slash, it is a digest that follows.
        return reference.rfind('/').is_some_and(|slash| reference[..slash].contains('@'));
    }
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rsplit_once('@') {
        // The state database is named with its role, which is no secret.
        Some((user, _)) if value.starts_with(DATABASE) => user.contains(':'),
        named => named.is_some(),
    }
}

fn of_pem(option: &str, is_private: bool) -> Failure {
    let what = if is_private { "a private key" } else { "the text of a key or certificate" };
    let next = match (is_private, option) {
        (true, "--sign") => "write where the key is kept: --sign file:PATH or --sign env:VARIABLE",
        (true, "--secret") => "write where the secret is kept: --secret NAME=file:PATH or NAME=env:VARIABLE",
        (true, _) => {
            "name the file that it is in; anyone who could see this command or the shell's history may have the key: \
             replace it"
        }
        (false, "--key") => "name the file that it is in: --key FILE",
        (false, "--tsa-cert") => "name the file that it is in: --tsa-cert FILE",
        (false, _) => "name the file that it is in",
    };
    Failure::call(format!(
        "{what} was given{}, and not where it is kept (it is not repeated here)",
        to(option)
    ))
    .next(next)
}

fn of_url(option: &str) -> Failure {
    let next = match option {
        "--plugin" => {
            "write --plugin oci:HOST/NAME; where the registry wants a login, get it with `exhibit plugin pull HOST/NAME \
             --username env:VARIABLE --password env:VARIABLE` first, and name it by the digest that this says"
        }
        "--timestamp-url" => "write --timestamp-url https://HOST/PATH: an authority is asked without a login",
        "--realm" => "write --realm https://HOST; the login is given with --username and --password",
        _ => {
            "write it without these; the login of a source is given with --secret username=env:VARIABLE and \
             --secret password=env:VARIABLE"
        }
    };
    let what = format!("the address given{} has a user name or a password in it", to(option));
    Failure::call(format!("{what} (it is not repeated here)")).next(next)
}

fn to(option: &str) -> String {
    if option.is_empty() { String::new() } else { format!(" with {option}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary7f3a";

    fn arguments(given: &[&str]) -> Vec<String> {
        given.iter().map(|it| (*it).to_owned()).collect()
    }

    fn said(given: &[&str]) -> String {
        let Some(failure) = refused(&arguments(given)) else { return "taken".to_owned() };
        format!("{} | {}", failure.what(), failure.remedy().unwrap_or("-"))
    }

    #[test]
    fn what_may_be_a_secret_is_refused_and_not_repeated() {
        let private = format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----");
        let public = format!("# key 00\n-----BEGIN PUBLIC KEY-----\n{CANARY}\n-----END PUBLIC KEY-----");
        let said = [
            said(&["collect", "assets", "--sign", &private]),
            said(&["collect", "assets", &format!("--sign={private}")]),
            said(&["collect", "--sign", "-----BEGIN", "PRIVATE", "KEY-----", CANARY, "-----END"]),
            said(&["collect", "--sign", &format!("file:{private}")]),
            said(&["collect", "--secret", &format!("password={private}")]),
            said(&["keys", "show", &private]),
            said(&["verify", "x", "--key", &public]),
            said(&["verify", "x", "--key", &private]),
            said(&["plugin", "show", "--plugin", &format!("oci:user:{CANARY}@ghcr.io/acme/x:1")]),
            said(&["collect", &format!("--plugin=oci:{CANARY}@ghcr.io/acme/x")]),
            said(&["collect", "--origin", &format!("api=https://user:{CANARY}@host")]),
            said(&["collect", "--origin", &format!("https://user:{CANARY}@host/a")]),
            said(&["collect", &format!("--timestamp-url=https://user:{CANARY}@host/tsr")]),
            said(&["plugin", "pull", &format!("https://{CANARY}@ghcr.io/acme/x")]),
        ];
        assert!(said.iter().all(|it| !it.contains(CANARY)), "{said:?}");
        insta::assert_snapshot!(said.join("\n"), @"
        a private key was given with --sign, and not where it is kept (it is not repeated here) | write where the key is kept: --sign file:PATH or --sign env:VARIABLE
        a private key was given with --sign, and not where it is kept (it is not repeated here) | write where the key is kept: --sign file:PATH or --sign env:VARIABLE
        a private key was given with --sign, and not where it is kept (it is not repeated here) | write where the key is kept: --sign file:PATH or --sign env:VARIABLE
        a private key was given with --sign, and not where it is kept (it is not repeated here) | write where the key is kept: --sign file:PATH or --sign env:VARIABLE
        a private key was given with --secret, and not where it is kept (it is not repeated here) | write where the secret is kept: --secret NAME=file:PATH or NAME=env:VARIABLE
        a private key was given, and not where it is kept (it is not repeated here) | name the file that it is in; anyone who could see this command or the shell's history may have the key: replace it
        the text of a key or certificate was given with --key, and not where it is kept (it is not repeated here) | name the file that it is in: --key FILE
        a private key was given with --key, and not where it is kept (it is not repeated here) | name the file that it is in; anyone who could see this command or the shell's history may have the key: replace it
        the address given with --plugin has a user name or a password in it (it is not repeated here) | write --plugin oci:HOST/NAME; where the registry wants a login, get it with `exhibit plugin pull HOST/NAME --username env:VARIABLE --password env:VARIABLE` first, and name it by the digest that this says
        the address given with --plugin has a user name or a password in it (it is not repeated here) | write --plugin oci:HOST/NAME; where the registry wants a login, get it with `exhibit plugin pull HOST/NAME --username env:VARIABLE --password env:VARIABLE` first, and name it by the digest that this says
        the address given with --origin has a user name or a password in it (it is not repeated here) | write it without these; the login of a source is given with --secret username=env:VARIABLE and --secret password=env:VARIABLE
        the address given with --origin has a user name or a password in it (it is not repeated here) | write it without these; the login of a source is given with --secret username=env:VARIABLE and --secret password=env:VARIABLE
        the address given with --timestamp-url has a user name or a password in it (it is not repeated here) | write --timestamp-url https://HOST/PATH: an authority is asked without a login
        the address given has a user name or a password in it (it is not repeated here) | write it without these; the login of a source is given with --secret username=env:VARIABLE and --secret password=env:VARIABLE
        ");
    }

    #[test]
    fn what_is_none_is_taken() {
        for given in [
            "--sign=file:key",
            "--plugin=oci:ghcr.io/acme/x@sha256:00",
            "oci:localhost:5000/acme/x:1@sha256:00",
            "api=https://host/a@b",
            "https://host?mail=a@b",
            "--account=a@b.example",
            "s3://bucket/prefix@2026",
            "a://",
        ] {
            assert_eq!(said(&["collect", given]), "taken", "{given}");
        }
    }

    #[test]
    fn usage_errors_do_not_repeat_what_follows_a_secret_option() {
        use clap::Parser as _;
        for (given, is_named) in [
            (&["collect", "assets", "--secret", "password=a", CANARY][..], false),
            (&["collect", "assets", "--secret", "password", "=", CANARY], false),
            (&["collect", "assets", "--sign", "file:key", CANARY], false),
            (&["collect", "assets", "--secret", "password=a", "--json", CANARY], true),
            (&["collect", "assets", "--max-wait", CANARY], true),
        ] {
            let called = arguments(&[&["exhibit"], given].concat());
            let error = crate::Cli::try_parse_from(&called).expect_err("one word too many");
            let said = without_secrets(error, &called).render().to_string();
            assert_eq!(said.contains(CANARY), is_named, "{said}");
            assert_eq!(said.contains(MARK), !is_named, "{said}");
        }
    }
}
