//! What a reader of several reports must know.

/// A note for who hands the recorded answers on, where option profiles were looked up.
pub(super) const LISTS_ARE_KEPT: &str = "The recorded answers contain the lists that names were looked up in, as Qualys sent them: option profiles may hold passwords \
     for brute-force checks. Check before you hand them on.";
