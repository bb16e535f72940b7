//! Load bench of the SFU.
fn main() {}
