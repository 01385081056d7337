//! What people see of files of tests, and the laws that hold of all of them.

mod examples;
mod laws;
mod mistakes;
mod schema;

use super::*;
