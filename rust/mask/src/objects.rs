//! Masks of what a Kubernetes API server answers, while it passes.
//!
//! A list can be a gigabyte and a watch never ends, so nothing is parsed into a tree: a scanner takes the JSON
//! in whatever pieces it comes and copies it through, byte for byte but for what is masked. It keeps the way
//! to where it is and, of a string, what has come of it. What is no strict JSON is refused, because a client
//! could read it in another way than the scanner did.

mod answer;
mod cursor;
mod masks;
mod message;
mod names;
mod placeholder;
mod places;
mod plan;
mod refused;
mod scanner;
mod seen;
mod strings;
mod table;
mod values;
mod way;

pub use answer::Answer;
pub use masks::{MasksError, ObjectMasks};
pub use placeholder::PLACEHOLDER_MARK;
pub use refused::{Refused, Why};
pub use scanner::ObjectScanner;
pub use seen::SecretsSeen;
