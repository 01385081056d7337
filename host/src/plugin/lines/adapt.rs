//! Turning values of one line into those of another.
//!
//! Types that are alike in both lines are only listed, by [`records`] and [`variants`]: a field or a case
//! that one of the two lacks does not compile, and is then written by hand.

/// Turns a value into the same of another line. It always can: what the other line cannot say is left
/// out, and what this line does not say is `absent`, `none` or empty there, never a guess.
pub(crate) trait Adapt<T> {
    fn adapt(self) -> T;
}

macro_rules! same {
    ($($type:ty),*) => {$(
        impl Adapt<$type> for $type {
            fn adapt(self) -> $type {
                self
            }
        }
    )*};
}

same!((), bool, u8, u16, u32, u64, i64, f64, String, wasmtime::component::ResourceAny);

// In place, where both have the same size.
impl<A: Adapt<B>, B> Adapt<Vec<B>> for Vec<A> {
    fn adapt(self) -> Vec<B> {
        self.into_iter().map(Adapt::adapt).collect()
    }
}

impl<A: Adapt<B>, B> Adapt<Option<B>> for Option<A> {
    fn adapt(self) -> Option<B> {
        self.map(Adapt::adapt)
    }
}

impl<A: Adapt<B>, B, E: Adapt<F>, F> Adapt<Result<B, F>> for Result<A, E> {
    fn adapt(self) -> Result<B, F> {
        self.map(Adapt::adapt).map_err(Adapt::adapt)
    }
}

impl Adapt<Self> for (String, String) {
    fn adapt(self) -> Self {
        self
    }
}

/// Records that have the same fields in both lines, each of which can be adapted.
macro_rules! records {
    ($from:ident => $to:ident: $($module:ident::$name:ident { $($field:ident),* $(,)? })*) => {$(
        impl Adapt<$to::$module::$name> for $from::$module::$name {
            fn adapt(self) -> $to::$module::$name {
                let Self { $($field),* } = self;
                $to::$module::$name { $($field: $field.adapt()),* }
            }
        }
    )*};
}

/// Enums and variants that have the same cases in both lines.
macro_rules! variants {
    ($from:ident => $to:ident: $($module:ident::$name:ident { $($case:ident $(($value:ident))?),* $(,)? })*) => {$(
        impl Adapt<$to::$module::$name> for $from::$module::$name {
            fn adapt(self) -> $to::$module::$name {
                match self {
                    $(Self::$case $(($value))? => $to::$module::$name::$case $(($value.adapt()))?,)*
                }
            }
        }
    )*};
}

pub(crate) use {records, variants};
