//! The memories of WebAssembly within a process, looked through from outside.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::Result;

/// What follows a linear memory and cannot be touched: the guard that lets compiled code leave out
/// bounds checks. Nothing else has a gigabyte of that.
const GUARD: u64 = 1 << 30;

/// The linear memories of a process, each as it is at this moment.
pub(crate) fn linear_memories(pid: u32) -> Result<Vec<Vec<u8>>> {
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut found = Vec::new();
    for (start, end) in regions(&std::fs::read_to_string(format!("/proc/{pid}/maps"))?) {
        let mut bytes = vec![0; usize::try_from(end - start)?];
        memory.seek(SeekFrom::Start(start))?;
        // What is gone in the meantime was no memory of a component at work.
        if memory.read_exact(&mut bytes).is_ok() {
            found.push(bytes);
        }
    }
    Ok(found)
}

/// Where they are. One memory can be several mappings: the image that it starts from lies within, and
/// is written around.
fn regions(maps: &str) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    let mut writable: Option<(u64, u64)> = None;
    for line in maps.lines() {
        let Some((start, end, rights)) = mapping(line) else { continue };
        if rights.starts_with("rw") {
            writable = match writable {
                Some((first, last)) if last == start => Some((first, end)),
                _ => Some((start, end)),
            };
            continue;
        }
        let before = writable.take().filter(|(_, last)| *last == start);
        if let Some(memory) = before.filter(|_| rights.starts_with("---p") && end - start >= GUARD) {
            found.push(memory);
        }
    }
    found
}

fn mapping(line: &str) -> Option<(u64, u64, &str)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let number = |it| u64::from_str_radix(it, 16).ok();
    Some((number(start)?, number(end)?, rest))
}

#[test]
fn a_memory_is_what_a_guard_follows() {
    let maps = "\
00001000-00002000 rw-p 00000000 00:00 0 [heap]
00010000-00020000 rw-p 00000000 00:00 0
00020000-00030000 rw-p 00000000 00:01 7 /memfd:image (deleted)
00030000-180000000 ---p 00000000 00:00 0
200000000-200010000 rw-p 00000000 00:00 0
300000000-400000000 ---p 00000000 00:00 0
500000000-500010000 rw-p 00000000 00:00 0
500010000-500020000 ---p 00000000 00:00 0
";
    assert_eq!(regions(maps), [(0x10000, 0x30000)]);
}
