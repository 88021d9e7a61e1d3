//! The language server, as a client on the other side of two pipes sees it.

mod client;
mod edits;
mod features;
mod files;
mod manifests;
mod protocol;
mod secrets;
