//! How compiled code goes from one process to another: a mark, its length, and the code.
//!
//! What is read is run as machine code. Without the mark, it is the output of something else, such as the help of a
//! program that does not know what it was asked; without all of its length, the process ended early.

use std::io::{self, Write};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Before the length. Not of a text.
const MARK: &[u8; 16] = b"\0exhibit-code-1\0";
/// What a process may write before it, such as a line about how it was started.
const BEFORE: usize = 1 << 10;

/// What was read in place of compiled code.
#[derive(Debug)]
pub(super) enum Unread {
    /// Nothing that has the mark, or not all of it.
    Torn,
    /// More bytes than there may be.
    TooLarge,
    Io(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Torn,
            _ => Self::Io(error),
        }
    }
}

pub(super) fn write(mut to: impl Write, code: &[u8]) -> io::Result<()> {
    to.write_all(MARK)?;
    to.write_all(&(code.len() as u64).to_le_bytes())?;
    to.write_all(code)?;
    to.flush()
}

/// Reads one frame of at most `limit` bytes.
pub(super) async fn read(mut from: impl AsyncRead + Unpin, limit: u64) -> Result<Vec<u8>, Unread> {
    let mut before = Vec::with_capacity(MARK.len());
    while !before.ends_with(MARK) {
        if before.len() > BEFORE + MARK.len() {
            return Err(Unread::Torn);
        }
        before.push(from.read_u8().await?);
    }
    let length = from.read_u64_le().await?;
    if length > limit {
        return Err(Unread::TooLarge);
    }
    let mut code = Vec::new();
    from.take(length).read_to_end(&mut code).await?;
    if code.len() as u64 == length { Ok(code) } else { Err(Unread::Torn) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn code_is_read_after_its_mark_and_only_whole() {
        let mut frame = b"\nrunning 1 test\n".to_vec();
        write(&mut frame, b"code").expect("in memory");
        assert_eq!(read(&frame[..], 4).await.expect("whole"), b"code");
        assert!(matches!(read(&frame[..], 3).await, Err(Unread::TooLarge)));
        for end in 0..frame.len() {
            assert!(matches!(read(&frame[..end], 4).await, Err(Unread::Torn)), "{end}");
        }
        let talk = [&[b' '; 2 * BEFORE], &frame[..]].concat();
        assert!(matches!(read(&talk[..], 4).await, Err(Unread::Torn)));
    }
}
