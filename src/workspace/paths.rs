//! Which files of a folder are left out, and which rules of which files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The patterns of one `slotwise.yaml`, read as those of a `.gitignore` beside it.
#[derive(Debug)]
pub struct PathRules {
    /// The folder of the settings, absolute.
    folder: PathBuf,
    exclude: Option<Gitignore>,
    ignores: Vec<(Gitignore, Vec<String>)>,
}

/// A pattern that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a pattern as in .gitignore, found {pattern:?}: {why}")]
pub(super) struct PatternError {
    pub(super) pattern: String,
    why: String,
}

impl PathRules {
    /// Compiles the patterns of the settings in `folder`, which is absolute.
    ///
    /// # Errors
    /// The first pattern that cannot be read.
    pub(super) fn new(
        folder: PathBuf,
        exclude: &[String],
        per_file_ignores: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self, PatternError> {
        let compiled = |pattern: &String| matcher(&folder, std::slice::from_ref(pattern));
        exclude.iter().try_for_each(|pattern| compiled(pattern).map(drop))?;
        let ignores = per_file_ignores
            .iter()
            .map(|(pattern, rules)| Ok((compiled(pattern)?, rules.clone())))
            .collect::<Result<_, _>>()?;
        // Together, so that a later `!pattern` takes files back in.
        let exclude = (!exclude.is_empty()).then(|| matcher(&folder, exclude)).transpose()?;
        Ok(Self { folder, exclude, ignores })
    }

    /// Whether a file, by its absolute path, is to be left out.
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|exclude| self.covers(exclude, path))
    }

    /// The rules that are left out of a file, by its absolute path.
    pub fn ignored(&self, path: &Path) -> Vec<String> {
        let covering = self.ignores.iter().filter(|(pattern, _)| self.covers(pattern, path));
        covering.flat_map(|(_, rules)| rules.iter().cloned()).collect()
    }

    fn covers(&self, pattern: &Gitignore, path: &Path) -> bool {
        let Ok(path) = path.strip_prefix(&self.folder) else { return false };
        pattern.matched_path_or_any_parents(path, false).is_ignore()
    }
}

fn matcher(folder: &Path, patterns: &[String]) -> Result<Gitignore, PatternError> {
    let mut builder = GitignoreBuilder::new(folder);
    for pattern in patterns {
        let wrong = |why: String| PatternError { pattern: pattern.clone(), why };
        if pattern.trim().is_empty() || pattern.starts_with('#') {
            return Err(wrong("it names nothing".to_owned()));
        }
        builder.add_line(None, pattern).map_err(|error| wrong(error.to_string()))?;
    }
    let wrong = |error: ignore::Error| PatternError {
        pattern: patterns.join(", "),
        why: error.to_string(),
    };
    builder.build().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(exclude: &[&str], ignores: &[(&str, &[&str])]) -> Result<PathRules, PatternError> {
        let exclude: Vec<String> = exclude.iter().map(|it| (*it).to_owned()).collect();
        let owned = |rules: &[&str]| rules.iter().map(|it| (*it).to_owned()).collect();
        let ignores = ignores.iter().map(|(path, rules)| ((*path).to_owned(), owned(rules)));
        PathRules::new(PathBuf::from("/r"), &exclude, &ignores.collect())
    }

    #[test]
    fn files_are_left_out_as_git_leaves_them_out() {
        for (pattern, path, expected) in [
            ("legacy/", "/r/legacy/a.yaml", true),
            ("legacy/", "/r/x/legacy/a.yaml", true),
            ("/legacy/", "/r/x/legacy/a.yaml", false),
            ("legacy/**", "/r/legacy/b/a.yaml", true),
            ("*.template.yaml", "/r/b/a.template.yaml", true),
            ("conf/a.yaml", "/r/conf/a.yaml", true),
            ("conf/a.yaml", "/r/b/conf/a.yaml", false),
            ("conf/a.yaml", "/elsewhere/conf/a.yaml", false),
        ] {
            let rules = rules(&[pattern], &[]).unwrap();
            assert_eq!(rules.excludes(Path::new(path)), expected, "{pattern} {path}");
        }
        let rules = rules(&["test/*", "!test/kept.yaml"], &[]).unwrap();
        assert!(rules.excludes(Path::new("/r/test/a.yaml")));
        assert!(!rules.excludes(Path::new("/r/test/kept.yaml")));
    }

    #[test]
    fn rules_are_left_out_of_the_files_of_every_pattern() {
        let rules = rules(&[], &[("test/**", &["FM", "FN007"]), ("a.yaml", &["FC"])]).unwrap();
        assert_eq!(rules.ignored(Path::new("/r/test/a.yaml")), ["FC", "FM", "FN007"]);
        assert_eq!(rules.ignored(Path::new("/r/b.yaml")), [""; 0]);
    }

    #[test]
    fn a_broken_pattern_is_named() {
        for pattern in ["a/{b", "", "# a"] {
            assert_eq!(rules(&[pattern], &[]).unwrap_err().pattern, pattern);
        }
    }
}
