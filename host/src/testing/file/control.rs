//! Names of controls, as tests list them: a framework and a control of it, such as `nist-800-53r5:ra-5`.
//!
//! Which controls a framework has is not known here. What is certain is the form of a name; what is likely a slip is a
//! name that almost is of a framework that the suggested tests name, too.

use crate::contract::bounds;

/// A framework that the suggested tests of plugins name.
struct Framework {
    /// What its controls' names begin with.
    prefix: &'static str,
    /// The beginning that it shares with its other editions, and with slips.
    family: &'static str,
    /// A control of it.
    example: &'static str,
    /// Whether the rest of a name, in lower case, has the form of its controls.
    has_form: fn(&str) -> bool,
}

const FRAMEWORKS: [Framework; 5] = [
    Framework { prefix: "soc2", family: "soc", example: "soc2:cc6.2", has_form: soc2 },
    Framework {
        prefix: "iso27001-2022",
        family: "iso27001",
        example: "iso27001-2022:a.8.8",
        has_form: iso27001,
    },
    Framework { prefix: "nist-800-53r5", family: "nist-800", example: "nist-800-53r5:ra-5", has_form: nist },
    Framework { prefix: "pci-dss-4.0.1", family: "pci", example: "pci-dss-4.0.1:11.3.1", has_form: pci },
    Framework { prefix: "cis-8.1", family: "cis", example: "cis-8.1:7.5", has_form: numbers },
];

/// What is certainly wrong with the name of a control, where something is.
pub(super) fn wrong(name: &str) -> Result<(), String> {
    if name.trim().is_empty() {
        return Err("a control has no name".to_owned());
    }
    if name.trim() != name {
        return Err("a control's name begins or ends with a blank".to_owned());
    }
    bounds::line(name, bounds::LABEL_BYTES)
}

/// Why the name of a control is probably a slip, and what one of its framework looks like. `None` where it is not, or of a
/// framework that is not known here.
pub(super) fn doubt(name: &str) -> Option<String> {
    let (framework, control) = name.split_once(':').unwrap_or((name, ""));
    let lower = framework.to_ascii_lowercase();
    let is_of = |it: &&Framework| {
        let rest = lower.strip_prefix(it.family);
        rest.is_some_and(|it| !it.starts_with(|it: char| it.is_alphabetic()))
    };
    let known = FRAMEWORKS.iter().find(is_of)?;
    if framework != known.prefix {
        return Some(format!(
            "control `{name}`: `{framework}` is not how the suggested tests name a framework; they name controls as in `{}`",
            known.example
        ));
    }
    if control.is_empty() {
        return Some(format!(
            "control `{name}` names no control of {}, as `{}` does",
            known.prefix, known.example
        ));
    }
    let has_form = (known.has_form)(&control.to_ascii_lowercase());
    (!has_form).then(|| {
        format!(
            "control `{name}`: `{control}` does not look like a control of {}, as in `{}`",
            known.prefix, known.example
        )
    })
}

/// A category's letters, and two numbers: `cc6.2`.
fn soc2(control: &str) -> bool {
    let letters = control.bytes().take_while(u8::is_ascii_lowercase).count();
    (1..=2).contains(&letters)
        && control[letters..].split_once('.').is_some_and(|(one, two)| is_number(one) && is_number(two))
}

/// `a.8.8`, of the annex; `6.1.2`, of the standard itself.
fn iso27001(control: &str) -> bool {
    numbers(control.strip_prefix("a.").unwrap_or(control))
}

/// A family, a number, and perhaps an enhancement: `ac-2`, `ac-2.1`, `ac-2(1)`.
fn nist(control: &str) -> bool {
    let Some((family, rest)) = control.split_once('-') else { return false };
    let plain = rest.strip_suffix(')').map_or(rest.to_owned(), |it| it.replacen('(', ".", 1));
    family.len() == 2 && family.bytes().all(|it| it.is_ascii_lowercase()) && numbers(&plain)
}

/// `11.3.1`, or `a1.1.1` of an appendix.
fn pci(control: &str) -> bool {
    numbers(control.strip_prefix('a').unwrap_or(control))
}

/// Numbers with dots between.
fn numbers(text: &str) -> bool {
    text.split('.').all(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_is_refused_and_own_names_are_taken() {
        for name in [
            "",
            " ",
            "\t",
            " soc2:cc6.2",
            "soc2:cc6.2 ",
            "a\u{200b}b",
            "a\nb",
            &"x".repeat(bounds::LABEL_BYTES + 1),
        ] {
            assert!(wrong(name).is_err(), "{name:?}");
        }
        for name in ["soc2:cc6.2", "own rule 7", "acme:sec-1", "CC6.2", &"x".repeat(bounds::LABEL_BYTES)] {
            assert_eq!(wrong(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn controls_of_known_frameworks_have_their_form() {
        for name in [
            "soc2:cc6.2",
            "soc2:a1.2",
            "soc2:CC6.2",
            "iso27001-2022:a.8.8",
            "iso27001-2022:6.1.2",
            "nist-800-53r5:ra-5",
            "nist-800-53r5:ac-2(1)",
            "nist-800-53r5:ac-2.1",
            "pci-dss-4.0.1:11.3.1",
            "pci-dss-4.0.1:a1.1.1",
            "cis-8.1:7.5",
            "cis-8.1:7",
            "acme:anything",
            "cisco:7",
            "society:1",
            "hipaa:164.308",
            "own rule",
        ] {
            assert_eq!(doubt(name), None, "{name}");
        }
        let said = [
            "soc2:6.2",
            "soc2:cc6",
            "soc2",
            "iso27001-2022:a8.8",
            "iso27001:a.8.8",
            "nist-800-53r5:ra5",
            "nist-800-53:ra-5",
            "pci-dss-4.0.1:req-11",
            "cis-8.1:7.",
            "SOC2:cc6.2",
            "soc-2:cc6.2",
        ]
        .map(|it| doubt(it).unwrap_or_else(|| format!("{it}: taken")));
        insta::assert_snapshot!(said.join("\n"), @"
        control `soc2:6.2`: `6.2` does not look like a control of soc2, as in `soc2:cc6.2`
        control `soc2:cc6`: `cc6` does not look like a control of soc2, as in `soc2:cc6.2`
        control `soc2` names no control of soc2, as `soc2:cc6.2` does
        control `iso27001-2022:a8.8`: `a8.8` does not look like a control of iso27001-2022, as in `iso27001-2022:a.8.8`
        control `iso27001:a.8.8`: `iso27001` is not how the suggested tests name a framework; they name controls as in `iso27001-2022:a.8.8`
        control `nist-800-53r5:ra5`: `ra5` does not look like a control of nist-800-53r5, as in `nist-800-53r5:ra-5`
        control `nist-800-53:ra-5`: `nist-800-53` is not how the suggested tests name a framework; they name controls as in `nist-800-53r5:ra-5`
        control `pci-dss-4.0.1:req-11`: `req-11` does not look like a control of pci-dss-4.0.1, as in `pci-dss-4.0.1:11.3.1`
        control `cis-8.1:7.`: `7.` does not look like a control of cis-8.1, as in `cis-8.1:7.5`
        control `SOC2:cc6.2`: `SOC2` is not how the suggested tests name a framework; they name controls as in `soc2:cc6.2`
        control `soc-2:cc6.2`: `soc-2` is not how the suggested tests name a framework; they name controls as in `soc2:cc6.2`
        ");
    }
}
