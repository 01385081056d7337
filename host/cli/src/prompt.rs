//! What a person answers to a question.

use std::io::{self, BufRead as _};

/// Yes, and nothing but yes.
pub(super) fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// A line of standard input. Waits on a thread of its own, so that a signal still stops the command.
pub(super) async fn line() -> Option<String> {
    let read = || {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).ok().map(|_| line)
    };
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(["y\n", "Yes\r\n", " y "].iter().all(|it| is_yes(it)));
        assert!(["", "\n", "n\n", "yep\n", "yy"].iter().all(|it| !is_yes(it)));
    }
}
