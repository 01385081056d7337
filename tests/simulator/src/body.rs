//! Sends an answer block by block, compressed and cut short as asked.

use std::{
    io::{self, Write as _},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hyper::body::Frame;
use tokio::time::{Sleep, sleep};

use crate::{cut::Cut, faults::Rewrite, quota::Permit, stream::Source, wire::ResetSwitch};

/// How long what was sent may take to leave before the connection is reset; a reset throws away
/// what is still waiting to be sent.
const BEFORE_RESET: Duration = Duration::from_millis(25);

/// The body of an answer on its way.
pub(crate) struct Body {
    source: Source,
    rewrites: Vec<Rewrite>,
    cut: Option<Cut>,
    /// Bytes that went out, before compression.
    sent: u64,
    /// Bytes that wait behind a stall, or for their turn as a piece.
    held: Bytes,
    more: bool,
    gzip: Option<GzEncoder<Vec<u8>>>,
    /// Whether each block or piece is a gzip member of its own.
    members: bool,
    /// The most bytes of a piece, where blocks are sent in pieces.
    pieces: Option<usize>,
    pause: Option<Pin<Box<Sleep>>>,
    reset: ResetSwitch,
    resetting: bool,
    /// Counts the call as running until the body is dropped.
    _permit: Option<Permit>,
}

impl Body {
    pub(crate) fn new(source: Source, reset: ResetSwitch, permit: Option<Permit>) -> Self {
        Self {
            source,
            rewrites: Vec::new(),
            cut: None,
            sent: 0,
            held: Bytes::new(),
            more: true,
            gzip: None,
            members: false,
            pieces: None,
            pause: None,
            reset,
            resetting: false,
            _permit: permit,
        }
    }

    /// Compresses what is sent, as fast as gzip can.
    pub(crate) fn compressed(mut self, members: bool) -> Self {
        self.gzip = Some(encoder());
        self.members = members;
        self
    }

    /// Sends no more than so many bytes at once, counted before compression.
    pub(crate) fn in_pieces(mut self, most: Option<usize>) -> Self {
        self.pieces = most;
        self
    }

    pub(crate) fn rewritten(mut self, rewrites: Vec<Rewrite>) -> Self {
        self.rewrites = rewrites;
        self
    }

    pub(crate) fn cut(mut self, cut: Option<Cut>) -> Self {
        self.cut = cut;
        self
    }

    /// The next bytes to send, before compression.
    fn next_bytes(&mut self) -> io::Result<Bytes> {
        if self.held.is_empty() {
            let mut block = Vec::new();
            self.more = self.source.next_block(&mut block)?;
            for rewrite in &mut self.rewrites {
                rewrite.apply(&mut block);
            }
            self.held = block.into();
        }
        let most = self.pieces.unwrap_or(usize::MAX).max(1);
        Ok(self.held.split_to(self.held.len().min(most)))
    }

    /// Shortens a block that reaches the cut, and prepares for what happens there.
    fn reach_cut(&mut self, block: &mut Bytes) -> bool {
        let Some(cut) = self.cut else { return false };
        let left = cut.place() - self.sent;
        if left > block.len() as u64 {
            return false;
        }
        let rest = block.split_off(left as usize);
        self.cut = None;
        match cut {
            Cut::Reset(_) => {
                self.held.clear();
                self.resetting = true;
                self.pause = Some(Box::pin(sleep(BEFORE_RESET)));
            }
            Cut::Truncate(_) => {
                self.held.clear();
                self.more = false;
            }
            Cut::Stall(_, lasting) => {
                self.held = [rest, std::mem::take(&mut self.held)].concat().into();
                self.pause = Some(Box::pin(sleep(lasting)));
            }
        }
        true
    }

    fn encode(&mut self, block: Bytes, flush: bool) -> io::Result<Bytes> {
        let (ended, members) = (self.ended(), self.members);
        let Some(gzip) = &mut self.gzip else {
            return Ok(block);
        };
        gzip.write_all(&block)?;
        if ended {
            gzip.try_finish()?;
        } else if members {
            return Ok(std::mem::replace(gzip, encoder()).finish()?.into());
        } else if flush {
            gzip.flush()?;
        }
        Ok(std::mem::take(gzip.get_mut()).into())
    }

    fn ended(&self) -> bool {
        !self.more && self.held.is_empty() && !self.resetting
    }
}

fn encoder() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(context));
            this.pause = None;
        }
        if this.resetting {
            this.reset.arm();
            return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
        }
        if this.ended() {
            return Poll::Ready(None);
        }
        let mut block = this.next_bytes()?;
        let at_cut = this.reach_cut(&mut block);
        this.sent += block.len() as u64;
        let encoded = this.encode(block, at_cut || this.pieces.is_some())?;
        if encoded.is_empty() {
            // Nothing to show for it yet: let others run, and come back.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(encoded))))
    }
}
