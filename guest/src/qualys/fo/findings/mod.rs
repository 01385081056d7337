//! The detections of hosts, joined with what the KnowledgeBase says of them, in bounded memory.
//!
//! An answer has the hosts of a page, and in each host its detections. A row whose QID is known is handed over at once.
//! From the first row with an unknown one on, the rows of the answer are held, and the next requests are the
//! KnowledgeBase's; its answers release them. What is held and what is known is in the cursor, and so survives the process.
//! Where a page has more rows than may be held, the rest of it is left unread, and the next page begins at the host that was
//! under way: its rows that are there already are recognised by their keys.

mod hosts;
mod plan;
mod row;
mod source;
mod state;
mod titles;

pub use plan::Findings;
pub use row::{Column, Finding, Joined, column};
