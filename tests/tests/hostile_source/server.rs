//! The source: bytes on a socket, whatever HTTP says.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::Result;

/// What does not end ends here: a client that reads all of it has no bound.
const ENDLESS_BYTES: u64 = 2 << 30;
/// No request of the program has a longer head.
const HEAD_BYTES: usize = 64 << 10;
/// A client that neither reads nor hangs up is left.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where an answer has the address of a place that must not be called. As long as the address itself: ports that the system
/// chooses have five digits, and lengths are written before it is known.
pub(crate) const STRANGER: &str = "127.0.0.1:OTHER";
/// Where an answer has its own address, which is as long.
pub(crate) const ITSELF: &str = "127.0.0.1:MYOWN";

/// An answer, as it is on the wire.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Bytes(Vec<u8>),
    /// The same, again and again; to the end of patience where it is `None`.
    Repeat(Vec<u8>, Option<u64>),
    /// Nothing, for so long.
    Wait(Duration),
    /// Orderly.
    Close,
    /// As a failing network does it.
    Reset,
}

impl Answer {
    /// Exactly this.
    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self::default().and(bytes)
    }

    /// A good answer with this body.
    pub(crate) fn good(body: impl AsRef<[u8]>) -> Self {
        Self::with("200 OK", "content-type: text/xml\r\n", body)
    }

    /// An answer with this status, these header lines, and the body with its length.
    pub(crate) fn with(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
        Self::raw(head).and(body)
    }

    pub(crate) fn and(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.parts.push(Part::Bytes(bytes.as_ref().to_owned()));
        self
    }

    pub(crate) fn times(mut self, bytes: impl AsRef<[u8]>, times: u64) -> Self {
        self.parts.push(Part::Repeat(bytes.as_ref().to_owned(), Some(times)));
        self
    }

    pub(crate) fn endless(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.parts.push(Part::Repeat(bytes.as_ref().to_owned(), None));
        self
    }

    pub(crate) fn wait(mut self, time: Duration) -> Self {
        self.parts.push(Part::Wait(time));
        self
    }

    /// Byte by byte, with so much time before each.
    pub(crate) fn slowly(self, bytes: impl AsRef<[u8]>, time: Duration) -> Self {
        bytes.as_ref().iter().fold(self, |answer, byte| answer.wait(time).and([*byte]))
    }

    pub(crate) fn close(mut self) -> Self {
        self.parts.push(Part::Close);
        self
    }

    pub(crate) fn reset(mut self) -> Self {
        self.parts.push(Part::Reset);
        self
    }

    /// Its bytes, where it has no more than those.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let bytes =
            self.parts.iter().filter_map(|it| if let Part::Bytes(bytes) = it { Some(bytes) } else { None });
        bytes.flatten().copied().collect()
    }

    /// Whether the connection stays open.
    fn write(&self, stream: &mut TcpStream, places: &Places) -> std::io::Result<bool> {
        for part in &self.parts {
            match part {
                Part::Bytes(bytes) => stream.write_all(&places.put(bytes))?,
                Part::Repeat(bytes, times) => {
                    let most = ENDLESS_BYTES / (bytes.len() as u64).max(1);
                    let mut left = times.unwrap_or(most);
                    // In large pieces: system calls do not count then.
                    let at_once = ((64 << 10) / bytes.len().max(1)).max(1) as u64;
                    let piece = bytes.repeat(usize::try_from(at_once.min(left)).unwrap_or(1));
                    while left >= at_once {
                        stream.write_all(&piece)?;
                        left -= at_once;
                    }
                    for _ in 0..left {
                        stream.write_all(bytes)?;
                    }
                }
                Part::Wait(time) => {
                    stream.flush()?;
                    thread::sleep(*time);
                }
                Part::Close => {
                    stream.shutdown(Shutdown::Write)?;
                    // What is unread when a socket is closed makes a reset of it.
                    drop(stream.read_to_end(&mut Vec::new()));
                    return Ok(false);
                }
                Part::Reset => {
                    reset(stream)?;
                    return Ok(false);
                }
            }
        }
        stream.flush()?;
        Ok(true)
    }
}

/// Has the connection end in a reset as soon as it is dropped.
fn reset(stream: &TcpStream) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _entered = runtime.enter();
    let stream = stream.try_clone()?;
    stream.set_nonblocking(true)?;
    tokio::net::TcpStream::from_std(stream)?.set_zero_linger()
}

/// Addresses that answers name.
#[derive(Clone)]
struct Places {
    itself: SocketAddr,
    stranger: SocketAddr,
}

impl Places {
    fn put(&self, bytes: &[u8]) -> Vec<u8> {
        let all = [(ITSELF, self.itself), (STRANGER, self.stranger)];
        all.iter().fold(bytes.to_owned(), |bytes, (word, place)| {
            replaced(bytes, word.as_bytes(), &place.to_string())
        })
    }
}

fn replaced(bytes: Vec<u8>, word: &[u8], by: &str) -> Vec<u8> {
    // Large bodies have no addresses in them.
    if bytes.len() > HEAD_BYTES {
        return bytes;
    }
    match bytes.windows(word.len()).position(|it| it == word) {
        Some(at) => {
            let rest = replaced(bytes[at + word.len()..].to_owned(), word, by);
            [&bytes[..at], by.as_bytes(), &rest].concat()
        }
        None => bytes,
    }
}

/// Answers until dropped.
pub(crate) struct Server {
    places: Places,
    requests: Arc<Mutex<Vec<String>>>,
    strangers: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(answers: Vec<Answer>) -> Result<Self> {
        let (listener, stranger) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
        let places = Places { itself: listener.local_addr()?, stranger: stranger.local_addr()? };
        let requests = Arc::new(Mutex::new(Vec::new()));
        let strangers = Arc::new(AtomicUsize::new(0));
        let over = Arc::new(AtomicBool::new(false));
        let (all, ended, to) = (Arc::clone(&requests), Arc::clone(&over), places.clone());
        let answers = Arc::new(answers);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ended.load(Ordering::Acquire) {
                    return;
                }
                let (answers, all, to) = (Arc::clone(&answers), Arc::clone(&all), to.clone());
                // A connection that breaks is what some cases are about.
                thread::spawn(move || drop(serve(stream, &answers, &all, &to)));
            }
        });
        let (counted, ended) = (Arc::clone(&strangers), Arc::clone(&over));
        thread::spawn(move || {
            while let Ok((stream, _)) = stranger.accept() {
                if ended.load(Ordering::Acquire) {
                    return;
                }
                counted.fetch_add(1, Ordering::Relaxed);
                drop(stream);
            }
        });
        Ok(Self { places, requests, strangers, over })
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.places.itself)
    }

    /// The heads of all requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no thread panics").clone()
    }

    /// How often the other place was called.
    pub(crate) fn strangers(&self) -> usize {
        self.strangers.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // Each is waiting for a connection.
        for place in [self.places.itself, self.places.stranger] {
            drop(TcpStream::connect(place));
        }
    }
}

fn serve(
    mut stream: TcpStream,
    answers: &[Answer],
    requests: &Mutex<Vec<String>>,
    places: &Places,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    loop {
        let Some(head) = head(&mut stream)? else { return Ok(()) };
        let number = {
            let mut requests = requests.lock().expect("no thread panics");
            requests.push(head);
            requests.len() - 1
        };
        let Some(answer) = answers.get(number).or(answers.last()) else { return Ok(()) };
        if !answer.write(&mut stream, places)? {
            return Ok(());
        }
    }
}

/// The head of the next request: what is collected here has no bodies.
fn head(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let (mut head, mut byte) = (Vec::new(), [0; 4096]);
    while !head.ends_with(b"\r\n\r\n") {
        let count = stream.read(&mut byte)?;
        if count == 0 || head.len() > HEAD_BYTES {
            return Ok(None);
        }
        head.extend_from_slice(&byte[..count]);
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}
