//! The detections of hosts, joined with what the KnowledgeBase says of them, in bounded memory.
//!
//! An answer has the hosts of a page, and in each host its detections. A row whose QID is known is handed over at once.
//! From the first row with an unknown one on, the rows of the answer are held, and the next requests are the
//! KnowledgeBase's; its answers release them. What is held and what is known is in the cursor, and so survives the process.
//! Where a page has more than may be held, only its QIDs are remembered, and the page is asked for again from the host on
//! where holding began.

mod hosts;
mod plan;
mod row;
mod source;
mod state;
mod titles;

pub use plan::Findings;
pub use row::{Column, Finding, Joined, column};
