use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::atomic;
use super::capacity::CapacityArguments;
use super::fix::difference;
use super::patch::patched;
use super::planning::{GoalArguments, plan};
use super::terminal::{self, Color};
use crate::render::capacity::reasons_text;

/// Change a configuration to what a plan picks, by the smallest edit
#[derive(Debug, Args)]
#[group(id = "action", required = true, multiple = false, args = ["diff", "write", "undo"])]
pub(super) struct TuneArguments {
    #[command(flatten)]
    capacity: CapacityArguments,

    #[command(flatten)]
    goals: GoalArguments,

    /// Show what would change, and change nothing; exit with 1 if there is something
    #[arg(long)]
    diff: bool,

    /// Change the file; the text before lies beside it, with .orig at its name's end
    #[arg(long)]
    write: bool,

    /// Put the text before the last change back
    #[arg(long)]
    undo: bool,
}

/// Plans and changes, or shows.
pub(super) fn run(arguments: &TuneArguments) -> io::Result<ExitCode> {
    match arguments.tune() {
        Ok(code) => Ok(code),
        Err(message) => {
            super::complain(&message);
            Ok(ExitCode::from(2))
        }
    }
}

impl TuneArguments {
    fn tune(&self) -> Result<ExitCode, String> {
        let case = self.capacity.read()?;
        let path = PathBuf::from(&case.subject.path);
        let backup = PathBuf::from(format!("{}.orig", case.subject.path));
        let failed = |error: io::Error| error.to_string();
        if self.undo {
            let old = super::inputs::read_file(&backup)
                .map_err(|error| format!("{}: {error}", backup.display()))?;
            atomic::write(&path, &old).map_err(|error| error.to_string())?;
            fs::remove_file(&backup).map_err(|error| format!("{}: {error}", backup.display()))?;
            say(&format!("put back {}\n", path.display())).map_err(failed)?;
            return Ok(ExitCode::SUCCESS);
        }
        let plan = plan(&self.capacity, &self.goals, &case)?;
        let new = patched(&case.subject, &plan.settings)?;
        let old = case.subject.text();
        let style = terminal::style(Color::Never);
        let reasons = reasons_text(&plan, style);
        if self.diff {
            let subjects = |subject| crate::workspace::Subject::masked_text(subject);
            let before = subjects(std::slice::from_ref(&case.subject));
            let after = subjects(std::slice::from_ref(&new));
            let text = difference(&case.subject.path, &before, &after);
            say(&format!("{text}{}{reasons}", if text.is_empty() { "" } else { "\n" }))
                .map_err(failed)?;
            return Ok(ExitCode::from(u8::from(new.text() != old)));
        }
        if new.text() == old {
            say("nothing to change\n").map_err(failed)?;
            return Ok(ExitCode::SUCCESS);
        }
        atomic::write(&backup, old.as_bytes()).map_err(|error| error.to_string())?;
        atomic::replace(&path, old.as_bytes(), new.text().as_bytes())
            .map_err(|error| error.to_string())?;
        let done = format!(
            "changed {}; the text before is in {}, `--undo` puts it back\n\n",
            path.display(),
            backup.display()
        );
        say(&format!("{done}{reasons}")).map_err(failed)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn say(text: &str) -> io::Result<()> {
    let mut out = super::output::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}
