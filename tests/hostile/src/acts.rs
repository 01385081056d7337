//! Things that no plugin should do, by themselves.

use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::bindings::exports::exhibit::plugin::types::{Row, Setting, Value};

/// What the setting says.
pub(crate) fn evil(settings: &[Setting]) -> String {
    settings
        .iter()
        .find_map(|it| match &it.value {
            Value::Text(text) if it.name == "evil" => Some(text.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// Never comes back.
pub(crate) fn spin() -> ! {
    loop {
        black_box(());
    }
}

/// Eats all memory, in bites of a MiB.
pub(crate) fn eat() -> ! {
    let mut eaten = Vec::new();
    loop {
        eaten.push(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Goes deeper and deeper.
#[expect(unconditional_recursion, reason = "on purpose")]
pub(crate) fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    black_box(recurse(depth + 1)) + frame[0]
}

/// What can be seen of the machine from in here, as rows.
pub(crate) fn surroundings() -> Vec<Row> {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(-1.0, |it| it.as_secs_f64());
    let start = Instant::now();
    for _ in 0..1_000 {
        black_box(());
    }
    let files = std::fs::read_dir("/").map_or(0, Iterator::count);
    let stdin = std::io::read_to_string(std::io::stdin()).map_or(0, |it| it.len());
    [
        ("variables", std::env::vars_os().count() as f64),
        ("arguments", std::env::args_os().count() as f64),
        ("files", files as f64),
        ("bytes of standard input", stdin as f64),
        ("seconds since 1970", wall),
        ("seconds gone by", start.elapsed().as_secs_f64()),
        // Exact in a float, and the same in two runs only if the seed is.
        ("randomness", (RandomState::new().hash_one("a") >> 12) as f64),
    ]
    .map(|(name, number)| row(name, number))
    .to_vec()
}

/// A row as the manifest promises it.
pub(crate) fn row(name: &str, number: f64) -> Row {
    vec![Value::Text(name.to_owned()), Value::Number(number), Value::Instant(0)]
}

/// How often the two texts, joined, are anywhere in this plugin's memory. Joined, they
/// are nowhere in it by its own doing.
pub(crate) fn scan(first: &str, second: &str) -> usize {
    #[cfg(target_arch = "wasm32")]
    let size = std::arch::wasm32::memory_size::<0>() << 16;
    #[cfg(not(target_arch = "wasm32"))]
    let size = first.len() + second.len() + 1;
    let (first, second) = (black_box(first.as_bytes()), black_box(second.as_bytes()));
    let byte = |at: usize| {
        // SAFETY: all of the linear memory up to its size can be read, and nothing else
        // runs that could write to it meanwhile.
        unsafe { std::ptr::read_volatile(std::ptr::with_exposed_provenance::<u8>(at)) }
    };
    let is_at = |at: usize, text: &[u8]| text.iter().enumerate().all(|(offset, it)| byte(at + offset) == *it);
    (1..size - first.len() - second.len())
        .filter(|at| is_at(*at, first) && is_at(at + first.len(), second))
        .count()
}
