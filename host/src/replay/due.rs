//! Which answer of a recording is to a request.

use std::collections::VecDeque;

use exhibit_records::RequestRecord;

use super::answer_source::Recorded;

/// The effect of a request that is not asked for again.
const WRITE: &str = "write";

/// What is played next, by the number of the answer.
#[derive(Debug, PartialEq)]
pub(super) enum Due<'a> {
    /// A whole answer.
    Whole(u32),
    /// One that broke off: the first of those that are left.
    Broken(u32),
    /// Another request was recorded.
    Other { number: u32, recorded: &'a RequestRecord },
    /// There are no more answers.
    Nothing,
}

/// What the recording has for this request. Every answer in it must be asked for, whole or not: what broke off before the
/// next whole one is passed over only where that is to the same request, as then it was asked for again.
pub(super) fn due<'a>(
    asked: &RequestRecord,
    whole: Option<&'a Recorded>,
    at_end: Option<&'a VecDeque<Recorded>>,
) -> Due<'a> {
    let broken = whole.map(|it| &it.broken).or(at_end);
    if let Some(whole) = whole
        && whole.request == *asked
        && whole.broken.iter().all(|it| it.request == *asked && it.request.effect != WRITE)
    {
        return Due::Whole(whole.number);
    }
    match (broken.and_then(VecDeque::front), whole) {
        (Some(first), _) if first.request == *asked => Due::Broken(first.number),
        (Some(other), _) | (None, Some(other)) => {
            Due::Other { number: other.number, recorded: &other.request }
        }
        (None, None) => Due::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::collection::Response;

    fn request(path: &str) -> RequestRecord {
        RequestRecord {
            origin: "api".to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: vec![],
            headers: vec![],
            body: None,
            auth: None,
            effect: "read".to_owned(),
        }
    }

    fn recorded(number: u32, path: &str, broken: &[(u32, &str)]) -> Recorded {
        Recorded {
            number,
            request: request(path),
            origin: "https://api.example".to_owned(),
            redirected: vec![],
            received: 0,
            head: Response { status: 200, headers: vec![] },
            bytes: 0,
            broken: broken.iter().map(|(number, path)| recorded(*number, path, &[])).collect(),
        }
    }

    #[test]
    fn what_broke_off_is_played_or_asked_for_again_and_never_passed_over() {
        let again = recorded(3, "/a", &[(1, "/a"), (2, "/a")]);
        assert_eq!(due(&request("/a"), Some(&again), None), Due::Whole(3));
        // A smaller page after two that broke off.
        let smaller = recorded(3, "/b", &[(1, "/a"), (2, "/a")]);
        assert_eq!(due(&request("/a"), Some(&smaller), None), Due::Broken(1));
        let other = |number, recorded: &'static str| (number, request(recorded));
        let said = |due: Due<'_>| match due {
            Due::Other { number, recorded } => Some((number, recorded.clone())),
            _ => None,
        };
        // Nothing asked for the first one.
        assert_eq!(said(due(&request("/b"), Some(&smaller), None)), Some(other(1, "/a")));
        let between = recorded(3, "/a", &[(1, "/a"), (2, "/x")]);
        assert_eq!(due(&request("/a"), Some(&between), None), Due::Broken(1));
        let between = recorded(3, "/a", &[(2, "/x")]);
        assert_eq!(said(due(&request("/a"), Some(&between), None)), Some(other(2, "/x")));
        let at_end = VecDeque::from([recorded(4, "/c", &[])]);
        assert_eq!(due(&request("/c"), None, Some(&at_end)), Due::Broken(4));
        assert_eq!(said(due(&request("/d"), None, Some(&at_end))), Some(other(4, "/c")));
        assert_eq!(due(&request("/c"), None, Some(&VecDeque::new())), Due::Nothing);
    }
}
