use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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
