//! Bytes to units and back: a unit is a byte, or two in UTF-16. ASCII is the same in both.

/// What takes the place of a value.
pub const MARK: &str = "[blanked]";

/// The order of bytes in UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

/// Makes units of bytes.
#[derive(Debug, Default)]
pub(crate) enum Units {
    /// The first two bytes show what the others are.
    #[default]
    Nothing,
    One(u8),
    Bytes,
    Wide(bool, Option<u8>),
}

/// Writes what is kept.
pub(crate) struct Pen<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) counts: &'a mut [u64],
    /// Whether the high byte comes first, in UTF-16.
    pub(crate) is_wide: Option<bool>,
}

impl Units {
    /// Takes a byte, and gives the units that it completes.
    pub(crate) fn byte<'a>(&mut self, byte: u8, pen: &mut Pen<'a>, mut unit: impl FnMut(u16, &mut Pen<'a>)) {
        match self {
            Self::Nothing => *self = Self::One(byte),
            Self::One(first) => {
                let first = *first;
                match order(first, byte) {
                    None => {
                        *self = Self::Bytes;
                        unit(first.into(), pen);
                        unit(byte.into(), pen);
                    }
                    Some(order) => {
                        *self = Self::Wide(order == Order::Big, Some(first));
                        self.byte(byte, pen, unit);
                    }
                }
            }
            Self::Bytes => unit(byte.into(), pen),
            Self::Wide(big, half) => {
                pen.is_wide = Some(*big);
                match half.take() {
                    None => *half = Some(byte),
                    Some(first) if *big => unit(u16::from_be_bytes([first, byte]), pen),
                    Some(first) => unit(u16::from_le_bytes([first, byte]), pen),
                }
            }
        }
    }

    /// No byte follows.
    pub(crate) fn end<'a>(&mut self, pen: &mut Pen<'a>, mut unit: impl FnMut(u16, &mut Pen<'a>)) {
        match self {
            Self::One(first) => unit((*first).into(), pen),
            Self::Wide(big, _) => pen.is_wide = Some(*big),
            Self::Nothing | Self::Bytes => {}
        }
    }

    /// Half a unit that is left at the end.
    pub(crate) fn half(&self) -> Option<u8> {
        if let Self::Wide(_, half) = self { *half } else { None }
    }
}

/// The order of bytes in a document of UTF-16 that begins so: with a mark, or with a character of ASCII.
fn order(first: u8, second: u8) -> Option<Order> {
    match (first, second) {
        (0xfe, 0xff) => Some(Order::Big),
        (0xff, 0xfe) => Some(Order::Little),
        (0, 1..) => Some(Order::Big),
        (1.., 0) => Some(Order::Little),
        _ => None,
    }
}

impl Pen<'_> {
    /// This unit stays.
    pub(crate) fn keep(&mut self, unit: u16) {
        match self.is_wide {
            None => self.out.extend(u8::try_from(unit).ok()),
            Some(true) => self.out.extend(unit.to_be_bytes()),
            Some(false) => self.out.extend(unit.to_le_bytes()),
        }
    }

    pub(crate) fn keep_all(&mut self, units: &[u16]) {
        units.iter().for_each(|it| self.keep(*it));
    }

    pub(crate) fn write(&mut self, text: &str) {
        text.encode_utf16().for_each(|it| self.keep(it));
    }

    /// In the place of a value of this name.
    pub(crate) fn mark(&mut self, name: usize) {
        self.write(MARK);
        if let Some(count) = self.counts.get_mut(name) {
            *count = count.saturating_add(1);
        }
    }
}
