use std::io;
use std::process::ExitCode;

use clap::Args;

use crate::lsp::{self, End};

/// Serve an editor over standard input and output, by the Language Server Protocol
#[derive(Debug, Args)]
pub(super) struct LspArguments {
    /// Many editors add this; it is the only way
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Answers until the editor leaves: 0 if it said so, else 1.
pub(super) fn run(_: &LspArguments) -> io::Result<ExitCode> {
    Ok(match lsp::serve(io::stdin(), io::stdout()) {
        End::Orderly => ExitCode::SUCCESS,
        End::Abrupt => ExitCode::FAILURE,
    })
}
