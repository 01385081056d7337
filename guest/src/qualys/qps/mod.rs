//! The portal's API family, QPS: searches whose request is an XML document and whose answer is a page of records, signed
//! by HTTP Basic. A search is one [`search::Search`]: a path, the element of its records, and their columns.

mod answer;
mod criteria;
mod error;
pub mod search;
mod source;
#[cfg(test)]
mod tests;
