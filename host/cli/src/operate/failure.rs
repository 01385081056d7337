//! Why an operation was not carried out, in the words of this command.

use std::path::Path;

use exhibit::collect::CollectError;
use exhibit::contract::Manifest;
use exhibit::contract::catalog::Operation;
use exhibit::disk::KeepError;
use exhibit::nearest::nearest;
use exhibit::run::{CollectFailure, OperateFailure, ParameterFault};
use exhibit_rows::ShowPath as _;

use super::super::environment::quoted;
use super::super::failure::{Failure, resumed_operation};

/// What a call on `subject` that failed comes to; `place` is for its evidence.
pub(super) fn of(error: OperateFailure, operation: &Operation, subject: &str, place: &str) -> Failure {
    let OperateFailure { why, write, .. } = error;
    // Its evidence is complete then, and only its place is not right.
    let is_over = matches!(
        why,
        CollectFailure::Keep(KeepError::Stranded { .. } | KeepError::NotSynced { .. })
            | CollectFailure::Store(_)
            | CollectFailure::Open(_)
    );
    let failure = before(why, operation).after_write(&write, subject);
    if is_over || write.sent().is_none() {
        return failure;
    }
    failure.further_sentence(&resumed_operation(&write, place))
}

/// The same, of one that has sent nothing.
pub(super) fn before(error: CollectFailure, operation: &Operation) -> Failure {
    let name = &operation.name;
    match error {
        CollectFailure::Keep(error @ KeepError::Occupied(_)) => Failure::from(error)
            .further_sentence("if it has the evidence of this operation, it was done already"),
        CollectFailure::Keep(error) => error.into(),
        CollectFailure::Store(error) => error.into(),
        CollectFailure::Open(error) => error.into(),
        CollectFailure::Parameters(faults) => parameters(&faults, name),
        CollectFailure::Collection { error, asked, .. } => {
            let doing = match asked {
                Some((origin, path)) => format!("{name}, asking {origin}{path}"),
                None => name.clone(),
            };
            let waits = matches!(*error, CollectError::Wait { .. } | CollectError::ConnectionBusy { .. });
            let failure = Failure::from(*error).during(doing);
            if waits { failure.further("--max-wait SECONDS") } else { failure }
        }
        error => {
            let next = next(&error);
            let failure = Failure::call(error);
            match next {
                Some(next) => failure.next(next),
                None => failure,
            }
        }
    }
}

fn next(error: &CollectFailure) -> Option<String> {
    let look = "look at the source what became of it; to do it again in spite of it, add --again";
    Some(match error {
        CollectFailure::NotAllowed => {
            "add --allow operate, if this connection is meant to change something at the source".to_owned()
        }
        CollectFailure::NotConfirmed { value, .. } => {
            format!("add --confirm {}, if that is what is meant", quoted(Path::new(value)))
        }
        CollectFailure::UnderWay { .. } => {
            "let it end; if its process was killed, the same command goes on with it".to_owned()
        }
        CollectFailure::NothingToResume => {
            "leave --resume out to begin, or give the same options as before".to_owned()
        }
        CollectFailure::Unfinished { place, differs, .. } if differs.is_empty() => format!(
            "leave --fresh out: the same command goes on with it, for {}, and sends nothing a second time; or {look}",
            place.shown()
        ),
        CollectFailure::Unfinished { place, .. } => format!(
            "run it as it was run before, with evidence for {}: it goes on, and sends nothing a second time; or {look}",
            place.shown()
        ),
        CollectFailure::SentBefore(earlier) if earlier.ended.is_some() => format!(
            "`exhibit verify {}` checks that evidence; to do it again, add --again",
            quoted(&earlier.place)
        ),
        CollectFailure::SentBefore(earlier) if earlier.is_under_way() => "let it end".to_owned(),
        CollectFailure::SentBefore(earlier) => format!(
            "the same command with evidence for {} goes on with it, and sends nothing a second time; or {look}",
            earlier.place.shown()
        ),
        CollectFailure::Damaged { .. } => format!("{look}; what is left there is kept"),
        CollectFailure::Ledger { .. } => {
            "make it a folder that you can write, or name another one with XDG_STATE_HOME".to_owned()
        }
        CollectFailure::ObjectStore => {
            "write --out DIR, or --store with a folder, and copy that to where it should be".to_owned()
        }
        CollectFailure::NotKept { .. } => "choose a folder on a local disk".to_owned(),
        _ => return None,
    })
}

/// All that is wrong with the parameters, each with the lookup that lists what it takes.
pub(super) fn parameters(faults: &[ParameterFault], operation: &str) -> Failure {
    let line = |fault: &ParameterFault| match &fault.lookup {
        Some(lookup) => format!("{fault}; `exhibit lookup {lookup}` lists them"),
        None => fault.to_string(),
    };
    let lines: Vec<String> = faults.iter().map(line).collect();
    let what = match &lines[..] {
        [one] => one.clone(),
        all => format!("{} parameters are missing or wrong:\n  {}", all.len(), all.join("\n  ")),
    };
    let help = format!("give it with --with NAME=VALUE; `exhibit operate {operation}` says what it takes");
    Failure::call(what).during(operation).next(help)
}

/// The operation of this name.
pub(super) fn operation<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a Operation, Failure> {
    manifest.operation(name).ok_or_else(|| {
        let known: Vec<&str> = manifest.operations.iter().map(|it| it.name.as_str()).collect();
        if known.is_empty() {
            return Failure::call("the plugin has no operations")
                .next("`exhibit types` lists what can be collected with it");
        }
        let what = format!("unknown operation `{name}`; the plugin has: {}", known.join(", "));
        match nearest(name, known.into_iter()) {
            Some(meant) => Failure::call(what).next(format!("did you mean `{meant}`?")),
            None => Failure::call(what).next("`exhibit operate` says what each of them does"),
        }
    })
}
