//! Directories as Flink's `Path` reads them.

/// A directory of a checkpoint option: a URI, or a plain path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directory<'t> {
    /// Such as `oss`; `None` for a plain path.
    pub(super) scheme: Option<&'t str>,
    /// What follows scheme and authority.
    pub(super) path: &'t str,
}

/// What kind of local place a path is, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lint::rules) enum LocalPlace {
    /// In memory, such as `/dev/shm`: it counts against the container's limit.
    Memory,
    /// `/tmp` or `/var/tmp`, which hosts and containers clear.
    Tmp,
    /// Anywhere else.
    Elsewhere,
}

impl<'t> Directory<'t> {
    /// Splits off the scheme as Flink does: what stands before a `:` that no `/` precedes.
    ///
    /// Source: `org.apache.flink.core.fs.Path`, Flink 1.10 to 2.3.
    pub(super) fn parse(text: &'t str) -> Self {
        let text = text.trim();
        let colon =
            text.find(':').filter(|colon| text.find('/').is_none_or(|slash| *colon < slash));
        // A single letter is a Windows drive.
        let (scheme, rest) = match colon {
            Some(at) if at > 1 => (text.get(..at), text.get(at + 1..).unwrap_or("")),
            _ => (None, text),
        };
        let path = match rest.strip_prefix("//") {
            Some(rest) if scheme.is_some() => rest.find('/').and_then(|at| rest.get(at..)),
            _ => Some(rest),
        };
        Self { scheme, path: path.unwrap_or("") }
    }

    /// A path of the host's own file system.
    pub(super) fn is_local(self) -> bool {
        self.scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case("file"))
    }

    /// The path is nothing but the root.
    pub(super) fn is_root(self) -> bool {
        self.path.trim_matches('/').is_empty()
    }
}

impl LocalPlace {
    /// The kind of an absolute path.
    pub(in crate::lint::rules) fn of(path: &str) -> Self {
        let below = |directories: &[&str]| {
            directories.iter().any(|directory| {
                path.strip_prefix(directory)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        if below(&["/dev/shm", "/run", "/var/run"]) {
            Self::Memory
        } else if below(&["/tmp", "/var/tmp"]) {
            Self::Tmp
        } else {
            Self::Elsewhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_and_paths_are_those_of_flink() {
        for (text, scheme, path) in [
            ("oss://bucket/a/b", Some("oss"), "/a/b"),
            ("s3://bucket", Some("s3"), ""),
            ("file:///tmp/x", Some("file"), "/tmp/x"),
            ("hdfs:/x", Some("hdfs"), "/x"),
            ("/plain/x", None, "/plain/x"),
            ("relative/x:y", None, "relative/x:y"),
            (r"C:\x", None, r"C:\x"),
        ] {
            assert_eq!(Directory::parse(text), Directory { scheme, path }, "{text}");
        }
    }

    #[test]
    fn only_whole_names_are_temporary() {
        assert_eq!(LocalPlace::of("/tmp"), LocalPlace::Tmp);
        assert_eq!(LocalPlace::of("/tmp/flink"), LocalPlace::Tmp);
        assert_eq!(LocalPlace::of("/tmpfs-data"), LocalPlace::Elsewhere);
        assert_eq!(LocalPlace::of("/dev/shm/rocks"), LocalPlace::Memory);
        assert_eq!(LocalPlace::of("/data/tmp"), LocalPlace::Elsewhere);
    }
}
