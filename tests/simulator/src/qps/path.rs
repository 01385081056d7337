//! The paths of the portal's APIs: `/qps/rest/VERSION/VERB/MODULE/OBJECT[/ID]`.

use crate::call::Received;

/// What is asked of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Search,
    Count,
    Get,
    Status,
    Launch,
    Cancel,
    Again,
}

impl Verb {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "search" => Self::Search,
            "count" => Self::Count,
            "get" => Self::Get,
            "status" => Self::Status,
            "launch" => Self::Launch,
            "cancel" => Self::Cancel,
            "scanagain" => Self::Again,
            _ => return None,
        })
    }

    /// Whether its path ends with the id of one object.
    fn is_of_one(self) -> bool {
        matches!(self, Self::Get | Self::Status | Self::Cancel | Self::Again)
    }

    /// The methods that it is called by. Counting is documented with both.
    pub(crate) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Count => &["GET", "POST"],
            Self::Get | Self::Status => &["GET"],
            Self::Search | Self::Launch | Self::Cancel | Self::Again => &["POST"],
        }
    }
}

/// A path of the portal's APIs, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path<'a> {
    pub(crate) version: &'a str,
    pub(crate) verb: Verb,
    pub(crate) module: &'a str,
    pub(crate) object: &'a str,
    /// Which object, where it is one.
    pub(crate) id: Option<u64>,
}

impl<'a> Path<'a> {
    /// Takes a path apart. `None` where it is not of the portal, has a verb that is not known, or lacks the id that the
    /// verb needs.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/qps/rest/")?;
        // One client ends each path with a slash where there is no id.
        let mut parts = rest.strip_suffix('/').unwrap_or(rest).split('/');
        let (version, verb) = (parts.next()?, Verb::named(parts.next()?)?);
        let (module, object) = (parts.next()?, parts.next()?);
        let id = match parts.next() {
            Some(id) => Some(id.parse().ok()?),
            None => None,
        };
        let is_whole = parts.next().is_none() && id.is_some() == verb.is_of_one();
        is_whole.then_some(Self { version, verb, module, object, id })
    }

    /// The path of a call that was let through because it is one.
    pub(crate) fn of_call(call: &'a Received) -> Self {
        let nothing = Self { version: "", verb: Verb::Search, module: "", object: "", id: None };
        Self::of(&call.path).unwrap_or(nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let path = |path| Path::of(path).map(|it| (it.version, it.verb, it.module, it.object, it.id));
        let search = Some(("3.0", Verb::Search, "was", "webapp", None));
        assert_eq!(path("/qps/rest/3.0/search/was/webapp"), search);
        assert_eq!(path("/qps/rest/3.0/search/was/webapp/"), search);
        assert_eq!(path("/qps/rest/2.0/get/am/tag/17"), Some(("2.0", Verb::Get, "am", "tag", Some(17))));
        for other in
            ["get/am/tag", "search/am/tag/17", "get/am/tag/x", "get/am/tag/1/2", "paint/am/tag", "search"]
        {
            assert_eq!(Path::of(&format!("/qps/rest/2.0/{other}")), None, "{other}");
        }
    }
}
