//! The `slotwise` command line tool; see the library for everything it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    slotwise::cli::run(std::env::args_os())
}
