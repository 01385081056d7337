//! The names that a person most likely meant, first.

/// So many names are compared letter by letter, and so much of each: it takes time that grows with both.
const MAX_COMPARED: usize = 2_000;
const MAX_CHARS: usize = 64;

/// The same ones, the nearest first: those in which `wanted` occurs or that occur in it, then by how many letters differ.
pub(crate) fn nearest<'a, T>(wanted: &str, all: &'a [T], name: impl Fn(&T) -> &str) -> Vec<&'a T> {
    let wanted = folded(wanted);
    let part: String = wanted.iter().collect();
    let mut ranked: Vec<(usize, &T)> = Vec::with_capacity(all.len());
    let mut compared = 0;
    for it in all {
        let name = folded(name(it));
        let text: String = name.iter().collect();
        let rank = if !part.is_empty() && (text.contains(&part) || part.contains(&text)) {
            name.len().abs_diff(wanted.len())
        } else if compared < MAX_COMPARED {
            compared += 1;
            // Behind all in which it occurs.
            MAX_CHARS + distance(&wanted, &name)
        } else {
            usize::MAX
        };
        ranked.push((rank, it));
    }
    // Stable: of those that are as near, in the order of Qualys.
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, it)| it).collect()
}

fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).take(MAX_CHARS).collect()
}

/// Levenshtein: the letters that have to be added, removed or replaced.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = (0..=other.len()).collect();
    let mut row = before.clone();
    for (i, a) in one.iter().enumerate() {
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = before[j] + usize::from(a != b);
            row[j + 1] = replaced.min(before[j + 1] + 1).min(row[j] + 1);
        }
        std::mem::swap(&mut before, &mut row);
    }
    before[other.len()]
}
