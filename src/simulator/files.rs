use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Environment, Violation};

/// The number of a file; never given to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileNumber(pub u32);

/// The files of one storage, local or remote, with what is in them.
#[derive(Debug, Clone)]
pub struct FileSet<F> {
    files: BTreeMap<FileNumber, StoredFile<F>>,
    bytes: u64,
}

/// A file that was completely written once.
#[derive(Debug, Clone)]
pub struct StoredFile<F> {
    /// Its size.
    pub bytes: u64,
    /// What is in it.
    pub content: Rc<F>,
    /// Whether its checksum still holds; a torn write breaks it.
    pub whole: bool,
}

impl<F> Default for FileSet<F> {
    fn default() -> Self {
        Self { files: BTreeMap::new(), bytes: 0 }
    }
}

impl<F> FileSet<F> {
    /// Adds a file, or replaces one of the same number.
    pub fn insert(&mut self, number: FileNumber, bytes: u64, content: Rc<F>) {
        self.remove(number);
        self.bytes += bytes;
        self.files.insert(number, StoredFile { bytes, content, whole: true });
    }

    /// Deletes a file and says how large it was; 0 if there is none.
    pub fn remove(&mut self, number: FileNumber) -> u64 {
        let bytes = self.files.remove(&number).map_or(0, |file| file.bytes);
        self.bytes -= bytes;
        bytes
    }

    /// Deletes all files but `keep` and says how many bytes that freed.
    pub fn retain(&mut self, keep: &BTreeSet<FileNumber>) -> u64 {
        let before = self.bytes;
        self.files.retain(|number, _| keep.contains(number));
        self.bytes = self.files.values().map(|file| file.bytes).sum();
        before - self.bytes
    }

    /// A file, if its checksum holds.
    pub fn whole(&self, number: FileNumber) -> Option<&StoredFile<F>> {
        self.files.get(&number).filter(|file| file.whole)
    }

    /// Whether the file is there, whole or not.
    pub fn contains(&self, number: FileNumber) -> bool {
        self.files.contains_key(&number)
    }

    /// All numbers, rising.
    pub fn numbers(&self) -> BTreeSet<FileNumber> {
        self.files.keys().copied().collect()
    }

    /// The size of all files together.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The newest `count` files lose their tails.
    pub fn tear_newest(&mut self, count: usize) {
        for file in self.files.values_mut().rev().take(count) {
            file.whole = false;
        }
    }
}

/// The files that a store still refers to.
pub(super) struct References {
    /// On the local disk.
    pub local: BTreeSet<FileNumber>,
    /// In the checkpoint storage.
    pub remote: BTreeSet<FileNumber>,
    /// Those of checkpoints that a job may be restored from.
    pub retained: BTreeSet<FileNumber>,
}

impl References {
    /// Demands that no file is left over, that what a restore needs is there, and that the local
    /// disk's account is right when the store itself counts `written` bytes.
    pub(super) fn check<F>(
        &self,
        local: &FileSet<F>,
        remote: &FileSet<F>,
        written: u64,
        env: &Environment,
    ) -> Result<(), Violation> {
        within("every local file is referenced", &local.numbers(), &self.local)?;
        let stored = remote.numbers();
        within("every remote file belongs to a checkpoint", &stored, &self.remote)?;
        within("every file of a retained checkpoint exists", &self.retained, &stored)?;
        equal(
            "the disk holds the local files and what is being written",
            local.bytes() + env.disk_reserved(),
            env.disk_used(),
        )?;
        equal(
            "bytes written are those of flushes, compactions, checkpoints and restores",
            written + env.disk_abandoned() + env.disk_reserved(),
            env.disk_written(),
        )
    }
}

fn within(
    invariant: &'static str,
    part: &BTreeSet<FileNumber>,
    whole: &BTreeSet<FileNumber>,
) -> Result<(), Violation> {
    let found = || format!("{part:?} beyond {whole:?}");
    Violation::unless(part.is_subset(whole), invariant, found)
}

fn equal(invariant: &'static str, one: u64, other: u64) -> Result<(), Violation> {
    Violation::unless(one == other, invariant, || format!("{one} != {other}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_files() {
        let mut files = FileSet::default();
        for number in 1..=4 {
            files.insert(FileNumber(number), u64::from(number) * 10, Rc::new(()));
        }
        files.insert(FileNumber(4), 5, Rc::new(()));
        assert_eq!(files.bytes(), 65);
        assert_eq!(files.remove(FileNumber(1)), 10);
        assert_eq!(files.retain(&BTreeSet::from([FileNumber(2)])), 35);
        assert_eq!(files.bytes(), 20);
        files.tear_newest(1);
        assert!(files.whole(FileNumber(2)).is_none() && files.contains(FileNumber(2)));
    }
}
