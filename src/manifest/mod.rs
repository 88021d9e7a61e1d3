//! Configuration where it is not a configuration file: in the command that starts a job, in
//! manifests, compose files, images, scripts and code.
//!
//! [`recognize`] tells what a text is by its name and content, [`configures_flink`] whether a file
//! of a repository is worth a look; [`read`] finds the deployments in
//! it: each has settings with spans into the original text, or a configuration file within that
//! text ([`Embedded`]), and the [`Facts`] that rules of its own look at. Everything is value in,
//! value out, so an editor can ask on every keystroke.
//!
//! This room may import `source`, `syntax`, `units`, `catalog` and `config`, never `memory` or
//! `lint`: it says what is written, and judges nothing.

mod deployment;
mod dockerfile;
mod form;
mod job;
mod scope;
mod script;
mod yaml;

pub use deployment::{Deployment, Embedded, Facts, Role, StatedTarget};
pub use form::{Form, configures_flink, recognize};
pub use job::{Cause, CommandOption, JobCommand, JobOption, Meaning, OptionValue, Unparsed, Word};

pub use scope::is_of_cluster;
pub use script::{Language, Mention, ScriptSpec};
pub use yaml::{
    ContainerSpec, MemoryLimit, OperatorKind, OperatorSpec, PodLimit, ProcessSpec, PropertiesLine,
    PropertiesProblem, Scalar, UnknownField, UnquotedValue,
};

use crate::source::FileId;

/// The deployments that a text of this form describes, in the order of the text; none if it turns
/// out to describe nothing.
pub fn read(form: Form, file: FileId, text: &str) -> Vec<Deployment> {
    match form {
        Form::Job => vec![job::read(file, text)],
        Form::Manifest => yaml::read(file, text),
        Form::Dockerfile => dockerfile::read(file, text).into_iter().collect(),
        Form::Script(language) => script::read(language, file, text).into_iter().collect(),
    }
}
