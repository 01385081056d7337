//! Where stores and evidence are: folders here, or object stores.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

/// A folder, or an address such as `s3://bucket/evidence`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder on this machine, or a bundle, which is a file.
    Folder(PathBuf),
    /// An address in an object store.
    Objects(Url),
}

/// What is not an address is a folder, also where its name is not UTF-8.
impl From<OsString> for Location {
    fn from(text: OsString) -> Self {
        let url = text.to_str().filter(|it| it.contains("://")).and_then(|it| Url::parse(it).ok());
        url.map_or_else(|| Self::Folder(text.into()), Self::Objects)
    }
}

impl From<&Path> for Location {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Objects(url) => write!(f, "{url}"),
        }
    }
}

impl Location {
    /// The folder that it is, where it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Objects(_) => None,
        }
    }
}
