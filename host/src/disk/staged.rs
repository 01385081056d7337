//! Writes a folder aside and puts it in place once it is whole. Nothing that is whole and was said
//! to be kept is ever removed, whatever happens then.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use exhibit_rows::ShowPath as _;

use super::error::KeepError;
use super::files::{at, is_there};
use super::folders::{create_all, names, sync};
use super::private::private_file;
use super::staging::{self, StagingDir};

/// The folder that all is written into first. Removed when dropped before it was whole, and by
/// the next process that writes to the same place when this one was killed.
#[derive(Debug)]
pub(crate) struct StagedDir {
    destination: PathBuf,
    place: Place,
    /// `None` once it is put in place, or stays for good.
    staging: Option<StagingDir>,
    /// Where what is written is.
    path: PathBuf,
    /// Whether it is left to be resumed when it is dropped.
    resumable: bool,
}

/// What is at the destination.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Nothing: the folder is written beside it and renamed, in one step.
    Free,
    /// An empty folder. It stays, since it may be a mount point, behind a link or the current one:
    /// the folder is written within, and what is in it moved up.
    Empty,
}

impl StagedDir {
    /// For the first of `destination`, `destination-2`, `destination-3` and so on that is not there or empty.
    pub(crate) fn create_first_free(destination: &Path) -> Result<Self, KeepError> {
        let mut tried = 1;
        loop {
            let place = if tried == 1 {
                destination.to_owned()
            } else {
                let mut name = destination.file_name().unwrap_or_default().to_owned();
                name.push(format!("-{tried}"));
                destination.with_file_name(name)
            };
            match Self::create(&place) {
                Err(KeepError::Occupied(_)) if tried < staging::ATTEMPTS => tried += 1,
                created => return created,
            }
        }
    }

    /// Where it will be.
    pub(crate) fn destination(&self) -> &Path {
        &self.destination
    }

    /// For a destination that is not there or empty. The folders above it are made. What killed
    /// processes have left of the same is removed first.
    pub(crate) fn create(destination: &Path) -> Result<Self, KeepError> {
        let name = destination.file_name().unwrap_or_default().to_string_lossy();
        staging::clean_up_stale(parent(destination), &name);
        staging::clean_up_within(destination);
        let place = Place::of(destination)?;
        let (parent, name) = match place {
            Place::Free => {
                (parent(destination), destination.file_name().unwrap_or_default().to_string_lossy())
            }
            Place::Empty => (destination, staging::WITHIN.into()),
        };
        create_all(parent)?;
        for attempt in 0..staging::ATTEMPTS {
            if let Some(staging) = StagingDir::create(parent, &name, attempt)? {
                let path = staging.written();
                return Ok(Self {
                    destination: destination.to_owned(),
                    place,
                    staging: Some(staging),
                    path,
                    resumable: false,
                });
            }
        }
        let problem = format!("{}: remove its folders named .{name}.partial-*", parent.shown());
        Err(io::Error::new(io::ErrorKind::AlreadyExists, problem).into())
    }

    /// Makes the folder for what it takes to resume the writing in another process, with what `fill` writes into it. From
    /// then on it is not removed when this one is killed.
    pub(crate) fn keep_to_resume(&self, fill: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
        match &self.staging {
            Some(staging) => staging.keep_to_resume(fill),
            None => Err(io::Error::other("it is in place")),
        }
    }

    /// What other processes have left beside this destination, and in it, that can be resumed: each with whether it is
    /// for this destination.
    ///
    /// # Errors
    /// Where this machine cannot read what is there.
    pub(crate) fn resumable(destination: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
        let own = destination.file_name().unwrap_or_default().to_string_lossy();
        let mut found = Vec::new();
        for (path, name) in StagingDir::resumable(parent(destination))? {
            if let Some(name) = name {
                found.push((path, name == own));
            }
        }
        // In a folder with anything else nothing is resumed, and nothing is removed.
        if staging::has_only_staged(destination) {
            found.extend(StagingDir::resumable(destination)?.into_iter().map(|(path, _)| (path, true)));
        }
        Ok(found)
    }

    /// Where that is to be put which another process has left here.
    pub(crate) fn destination_of(left: &Path) -> PathBuf {
        let folder = parent(left);
        let place = match staging::owner_of(left).filter(|it| *it != staging::WITHIN) {
            Some(name) => folder.join(name),
            None => folder.to_owned(),
        };
        std::path::absolute(&place).unwrap_or(place)
    }

    /// Takes over what another process has left, to be put at this destination. `None` where that process is still at
    /// work, or the destination is not free any more.
    pub(crate) fn take_over(left: &Path, destination: &Path) -> Result<Option<Self>, KeepError> {
        let Some(staging) = StagingDir::take_over(left)? else { return Ok(None) };
        let within = left.parent() == Some(destination);
        let place = if within { Place::Empty } else { Place::of(destination)? };
        let path = staging.written();
        Ok(Some(Self {
            destination: destination.to_owned(),
            place,
            staging: Some(staging),
            path,
            resumable: false,
        }))
    }

    /// Whether that process is still at work.
    pub(crate) fn is_locked(left: &Path) -> bool {
        StagingDir::is_locked(left)
    }

    /// Whether there are only files and folders in what another process has left.
    pub(crate) fn is_plain(left: &Path) -> io::Result<bool> {
        staging::is_plain(left)
    }

    /// Removes what another process has left, unless it is still at work.
    pub(crate) fn remove_left(left: &Path) -> io::Result<()> {
        match StagingDir::take_over(left)? {
            Some(staging) => staging.remove(),
            None => Ok(()),
        }
    }

    /// Where that is which it takes to resume what another process has left.
    pub(crate) fn resume_folder_of(left: &Path) -> PathBuf {
        StagingDir::resume_in(left)
    }

    /// Where that is which it takes to resume the writing.
    pub(crate) fn resume_folder(&self) -> Option<PathBuf> {
        self.staging.as_ref().map(StagingDir::resume)
    }

    /// Whether it is left to be resumed when it is dropped, and not removed.
    pub(crate) fn leave_when_dropped(&mut self, leave: bool) {
        self.resumable = leave;
    }

    /// Whether it is left.
    pub(crate) fn is_left_when_dropped(&self) -> bool {
        self.resumable
    }

    /// Leaves it to be resumed.
    pub(crate) fn leave(mut self) {
        self.resumable = true;
    }

    /// Whether this system has locks, without which no process can know that another has ended.
    pub(crate) fn has_lock(&self) -> bool {
        self.staging.as_ref().is_some_and(StagingDir::has_lock)
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A small file, on the disk for good.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path.join(name);
        let mut file = private_file(&path)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| at(&path, error))
    }

    /// The names in one of its folders, and in those within, on the disk for good.
    pub(crate) fn sync(&self, folder: &str) -> io::Result<()> {
        let folder = self.path.join(folder);
        for name in names(&folder)? {
            let within = folder.join(name);
            if within.is_dir() {
                sync(&within)?;
            }
        }
        sync(&folder)
    }

    /// Puts it in place, unless something has come there in the meantime. Where that fails it
    /// stays where it is.
    pub(crate) fn commit(self) -> Result<(), KeepError> {
        self.commit_only().map(drop)
    }

    /// The same, under another name beside where it should have been. Gives the place.
    pub(crate) fn commit_as(mut self, name: &str) -> Result<PathBuf, KeepError> {
        self.destination.set_file_name(name);
        self.commit_only()
    }

    fn commit_only(mut self) -> Result<PathBuf, KeepError> {
        match self.move_in() {
            Ok(()) => Ok(self.committed()),
            Err(why) => Err(self.strand(why)),
        }
    }

    /// The same, but where something has come there in the meantime it is put in the place that `next` gives, and so on.
    /// Gives the place. Where that fails it is removed.
    pub(crate) fn commit_to_next(
        mut self,
        next: &mut dyn FnMut() -> io::Result<PathBuf>,
    ) -> Result<PathBuf, KeepError> {
        while let Err(why) = self.move_in() {
            if self.is_moved() {
                return Err(self.not_synced(why));
            }
            let taken = self.destination.symlink_metadata().is_ok() && self.path.is_dir();
            // Dropped, it is removed: what was computed can be computed again, and would not fit later in its place.
            if !taken {
                return Err(at(&self.destination, why).into());
            }
            self.destination = next()?;
            self.place = Place::Free;
        }
        Ok(self.committed())
    }

    /// It is kept where it is. Gives the error that says so.
    fn strand(&mut self, why: io::Error) -> KeepError {
        if self.is_moved() {
            return self.not_synced(why);
        }
        let (destination, aside) = (self.destination.shown(), self.path.shown());
        let stranded =
            KeepError::Stranded { destination: destination.to_string(), aside: aside.to_string(), why };
        match self.staging.take().map_or(Ok(()), StagingDir::abandon) {
            Ok(()) => stranded,
            Err(error) => error.into(),
        }
    }

    /// Whether it is in its place, and only not known to be on the disk for good.
    fn is_moved(&self) -> bool {
        matches!(is_there(&self.path), Ok(false)) && matches!(is_there(&self.destination), Ok(true))
    }

    fn not_synced(&mut self, why: io::Error) -> KeepError {
        KeepError::NotSynced { destination: self.committed().shown().to_string(), why }
    }

    /// It is in place, and what is left of its writing goes.
    fn committed(&mut self) -> PathBuf {
        if let Some(Err(error)) = self.staging.take().map(StagingDir::remove) {
            tracing::warn!(%error, "an empty folder could not be removed");
        }
        self.destination.clone()
    }

    fn move_in(&mut self) -> io::Result<()> {
        sync(&self.path)?;
        match self.place {
            Place::Free => {
                fs::rename(&self.path, &self.destination)?;
                sync(parent(&self.destination))
            }
            Place::Empty => {
                self.move_up()?;
                sync(&self.destination)
            }
        }
    }

    fn move_up(&mut self) -> io::Result<()> {
        let Some(staging) = &self.staging else { return Ok(()) };
        if names(&self.destination)?.iter().any(|it| Some(it.as_os_str()) != staging.name()) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else has come there"));
        }
        self.path = staging.begin_moving()?;
        staging::move_all(&self.path, &self.destination)
    }
}

impl Drop for StagedDir {
    fn drop(&mut self) {
        if self.resumable {
            // The lock goes with it, and all else stays.
            drop(self.staging.take());
        }
        if let Some(Err(error)) = self.staging.take().map(StagingDir::remove) {
            tracing::warn!(folder = %self.path.shown(), %error, "unfinished evidence could not be removed");
        }
    }
}

impl Place {
    fn of(destination: &Path) -> Result<Self, KeepError> {
        let name = || destination.shown().to_string();
        match fs::read_dir(destination) {
            Ok(mut entries) => match entries.next() {
                None => Ok(Self::Empty),
                Some(_) => Err(match staging::unmoved(destination) {
                    Some(moving) => {
                        KeepError::Unmoved { destination: name(), moving: moving.shown().to_string() }
                    }
                    None => KeepError::Occupied(name()),
                }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A link that leads nowhere is in the way, and what ends in `..` is no name.
                let nameless = destination.file_name().is_none();
                let in_the_way = destination.symlink_metadata().is_ok();
                if nameless || in_the_way { Err(KeepError::NotAFolder(name())) } else { Ok(Self::Free) }
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(KeepError::NotAFolder(name())),
            Err(error) => Err(at(destination, error).into()),
        }
    }
}

/// The folder that it is in.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_place_and_can_be_made_again_leaves_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let destination = place.path().join("0001");
        let staged = StagedDir::create(&destination)?;
        staged.write("run.json", b"{}")?;
        fs::create_dir(&destination)?;
        fs::write(destination.join("run.json"), "of another process")?;
        let refused = staged.commit_to_next(&mut || Err(io::ErrorKind::StorageFull.into()));
        assert!(matches!(refused, Err(KeepError::Io(it)) if it.kind() == io::ErrorKind::StorageFull));
        assert_eq!(names(place.path())?, ["0001"]);
        Ok(())
    }
}
