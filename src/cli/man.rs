//! `slotwise man`: the manual pages, made from the commands themselves.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Command};
use clap_mangen::Man;

/// Print a manual page, or write those of all commands
#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// The command whose page to print, such as check [default: slotwise itself]
    #[arg(conflicts_with = "dir")]
    command: Option<String>,

    /// Write every page to this folder, such as /usr/local/share/man/man1
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// Prints the page that is asked for, or writes all of them.
pub(super) fn run(arguments: &ManArguments, root: Command) -> io::Result<ExitCode> {
    let pages = pages(root.disable_help_subcommand(true))?;
    if let Some(folder) = &arguments.dir {
        fs::create_dir_all(folder).map_err(|error| named(folder, &error))?;
        for (name, page) in &pages {
            let path = folder.join(format!("{name}.1"));
            super::atomic::write(&path, page)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = match &arguments.command {
        Some(command) => format!("slotwise-{command}"),
        None => "slotwise".to_owned(),
    };
    if let Some((_, page)) = pages.iter().find(|(name, _)| *name == wanted) {
        super::output::stdout().write_all(page)?;
        return Ok(ExitCode::SUCCESS);
    }
    super::complain(&format!("{wanted}: no such page; `slotwise --help` lists the commands"));
    Ok(ExitCode::from(2))
}

/// The page of the program and of each command, by name.
fn pages(mut root: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    root.build();
    let commands = root.get_subcommands().filter(|command| !command.is_hide_set());
    let mut pages = vec![("slotwise".to_owned(), page(root.clone())?)];
    for command in commands {
        pages.push((format!("slotwise-{}", command.get_name()), page(command.clone())?));
    }
    Ok(pages)
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
