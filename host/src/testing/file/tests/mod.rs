//! What people see of files of tests, and the laws that hold of all of them.

mod examples;
mod form;
mod gathering;
mod laws;
mod meaning;
mod schema;

use super::*;
