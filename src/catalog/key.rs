use std::marker::PhantomData;

/// A typed handle to an option: its key, with the type that its values have.
///
/// Type and default come from the catalog; a test proves each handle of [`keys`](super::keys)
/// against the catalog's data.
#[derive(Debug)]
pub struct OptionKey<T> {
    key: &'static str,
    value: PhantomData<fn() -> T>,
}

impl<T> OptionKey<T> {
    /// The handle of `key`.
    pub const fn new(key: &'static str) -> Self {
        Self { key, value: PhantomData }
    }

    /// The key as it stands in a file.
    pub const fn key(&self) -> &'static str {
        self.key
    }
}
