//! The command that starts a job: what its client reads, and where it takes the program from.

mod credentials_in_arguments;
mod data_by_ossref;
mod job_manager_heap_small;
mod job_option_incomplete;
mod job_option_overridden;
mod option_behind_program;
mod program_location;
mod program_missing;
mod pyflink_not_available;
mod unknown_job_option;

pub(super) use credentials_in_arguments::CredentialsInArguments;
pub(super) use data_by_ossref::DataByOssref;
pub(super) use job_manager_heap_small::JobManagerHeapSmall;
pub(super) use job_option_incomplete::JobOptionIncomplete;
pub(super) use job_option_overridden::JobOptionOverridden;
pub(super) use option_behind_program::OptionBehindProgram;
pub(super) use program_location::ProgramLocation;
pub(super) use program_missing::ProgramMissing;
pub(super) use pyflink_not_available::PyflinkNotAvailable;
pub(super) use unknown_job_option::UnknownJobOption;

use crate::lint::LintContext;
use crate::manifest::{JobCommand, Word};

/// The command that is checked, if it is one.
fn command<'a>(ctx: &LintContext<'a>) -> Option<&'a JobCommand> {
    ctx.deployment()?.job()
}

/// The value of the option of that short name, if there is one.
fn option_value<'a>(
    command: &'a JobCommand,
    short: &str,
) -> Option<&'a crate::manifest::OptionValue> {
    let mut options = command.options.iter().filter(|option| option.known.short == short);
    options.next()?.value.as_ref()
}

/// The program, which is the first word behind the options, unless an option names it.
fn program(command: &JobCommand) -> Option<&Word> {
    command.rest.first().filter(|_| !is_named_by_option(command))
}

fn is_named_by_option(command: &JobCommand) -> bool {
    ["py", "pym", "j"].iter().any(|short| option_value(command, short).is_some())
}

/// The words that the program gets.
fn arguments(command: &JobCommand) -> &[Word] {
    let from = usize::from(!is_named_by_option(command));
    command.rest.get(from..).unwrap_or_default()
}
