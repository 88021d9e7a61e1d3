//! The language server: what `slotwise check` finds, on every keystroke, and what an editor can
//! show beside it.
//!
//! [`serve`] speaks the protocol over any pair of streams. Edits are applied in order on one
//! thread, which also finds the problems; requests run on workers against a snapshot and can be
//! cancelled; a panic in one request is that request's error and nothing else. `handlers` holds
//! one file per request, `to_proto` and `from_proto` are the only places that know how our
//! values look in the protocol.
//!
//! This room may import every room up to `workspace`, never `cli`, `render` or `plan`.

mod assessor;
mod client;
mod cursor;
mod document;
mod from_proto;
mod fuzzy;
mod handlers;
mod layers;
mod memory_effect;
mod position;
mod server;
mod snapshot;
mod to_proto;
mod transport;
mod workers;
mod workspace_files;

pub use server::{End, serve};
