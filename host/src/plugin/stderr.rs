//! Where a plugin's standard error goes: into the log, line by line, and the last of it into error texts.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use exhibit_rows::Shown;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// A panic's message with its place fits several times, and an error text with it is
/// not yet too long to be read.
const KEPT_BYTES: usize = 1 << 10;
/// What a plugin may hand over in one write.
const WRITE_BYTES: usize = 64 << 10;

/// A longer line is logged in pieces.
const LINE_BYTES: usize = 1 << 10;
/// What one session may write into the log: thousands of lines, and no more than a disk has room for where a plugin
/// writes without end.
const LOGGED_BYTES: usize = 256 << 10;

/// Takes everything, logs the beginning and keeps the end.
#[derive(Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<Written>>);

/// What was written.
#[derive(Default)]
struct Written {
    kept: VecDeque<u8>,
    /// A line whose end did not come yet.
    line: Vec<u8>,
    logged: usize,
}

impl Tail {
    /// What was written last.
    pub(crate) fn text(&self) -> String {
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = written.kept.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn push(&self, bytes: &[u8]) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.log(bytes);
        written.keep(bytes);
    }
}

impl Written {
    fn keep(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(KEPT_BYTES)..];
        let surplus = (self.kept.len() + bytes.len()).saturating_sub(KEPT_BYTES);
        self.kept.drain(..surplus);
        self.kept.extend(bytes);
    }

    fn log(&mut self, bytes: &[u8]) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        for &byte in bytes {
            if self.logged > LOGGED_BYTES {
                return;
            }
            if byte != b'\n' {
                self.line.push(byte);
            }
            if byte == b'\n' || self.line.len() >= LINE_BYTES {
                self.end_line();
            }
        }
    }

    /// What a plugin writes is untrusted: it is escaped, and stands on one line.
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        // An empty line counts, too: there can be any number of them.
        self.logged += line.len() + 1;
        if self.logged > LOGGED_BYTES {
            tracing::debug!(limit = LOGGED_BYTES, "the plugin writes more than is logged of one session");
            return;
        }
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            tracing::debug!(wrote = %Shown::line(text.trim()), "the plugin wrote to standard error");
        }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
    }
}

impl IsTerminal for Tail {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Tail {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl OutputStream for Tail {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Tail {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Tail {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Level, Metadata, Subscriber};

    use super::*;

    /// Collects what is logged, one text for each event.
    #[derive(Clone)]
    struct Log {
        most: Level,
        lines: Arc<Mutex<Vec<String>>>,
    }

    struct Text<'a>(&'a mut String);

    impl Visit for Text<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            write!(self.0, "{field}={value:?} ").expect("written");
        }
    }

    impl Subscriber for Log {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() <= self.most
        }

        fn event(&self, event: &Event<'_>) {
            let mut line = format!("{} ", event.metadata().level());
            event.record(&mut Text(&mut line));
            self.lines.lock().expect("unpoisoned").push(line.trim().to_owned());
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    /// What is logged, at this level, of a plugin that writes this.
    fn logged(most: Level, writes: &[&[u8]]) -> Vec<String> {
        let log = Log { most, lines: Arc::default() };
        tracing::subscriber::with_default(log.clone(), || {
            let tail = Tail::default();
            writes.iter().for_each(|it| tail.push(it));
        });
        let lines = log.lines.lock().expect("unpoisoned");
        lines.clone()
    }

    #[test]
    fn lines_are_logged_whole_and_escaped() {
        let writes: [&[u8]; 4] = [b"panic", b"ked \x1b[2J at x.rs:1\n\n", b"note: 1\nthe ", b"rest"];
        insta::assert_snapshot!(logged(Level::DEBUG, &writes).join("\n"), @r"
        DEBUG message=the plugin wrote to standard error wrote=panicked \u{1b}[2J at x.rs:1
        DEBUG message=the plugin wrote to standard error wrote=note: 1
        DEBUG message=the plugin wrote to standard error wrote=the rest
        ");
        assert!(logged(Level::INFO, &writes).is_empty());
    }

    #[test]
    fn endless_writing_is_logged_in_part() {
        let endless = vec![b'x'; 2 * LOGGED_BYTES];
        let lines = logged(Level::DEBUG, &[&endless, &endless]);
        assert!(lines.iter().map(String::len).sum::<usize>() < 2 * LOGGED_BYTES, "{}", lines.len());
        let last = "DEBUG message=the plugin writes more than is logged of one session limit=262144";
        assert_eq!(lines.last().map(String::as_str), Some(last));
        assert_eq!(logged(Level::DEBUG, &[&vec![b'\n'; 2 * LOGGED_BYTES]]), [last]);
    }

    #[test]
    fn keeps_the_end() {
        let tail = Tail::default();
        tail.push(b"first ");
        tail.push(&vec![b'.'; 10 * KEPT_BYTES]);
        tail.push(b" last");
        let text = tail.text();
        assert_eq!(text.len(), KEPT_BYTES);
        assert!(text.ends_with(". last"));
    }
}
