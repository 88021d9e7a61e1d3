use super::block_cache::CachedFileId;
use super::record::OrderedKey;
use super::table::Table;
use super::{RocksDbOptions, RocksDbRelease};
use std::rc::Rc;

/// A table that is part of the tree.
#[derive(Debug, Clone)]
pub(super) struct LiveTable {
    pub(super) table: Rc<Table>,
    pub(super) cached: CachedFileId,
    /// Whether the file holds on to its index and filter, as those of level 0 do.
    pub(super) pinned: bool,
}

/// The files of one column family: level 0 newest first, all others by their keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels {
    pub(super) levels: [Vec<LiveTable>; LEVEL_COUNT],
}

// Source: `num_levels`, RocksDB 6.20 to 9.8.
pub(super) const LEVEL_COUNT: usize = 7;

/// Files that one trivial move takes along.
// Source: `kMaxMultiTrivialMove` in `db/compaction/compaction_picker_level.cc`, RocksDB 8.10.
const TRIVIAL_MOVE_MAX: usize = 4;

/// What a compaction is to read and where its output goes.
#[derive(Debug, Clone)]
pub(super) struct Compaction {
    pub(super) level: usize,
    pub(super) output_level: usize,
    /// Files of `level`, newest first if it is level 0.
    pub(super) inputs: Vec<Rc<Table>>,
    pub(super) overlapped: Vec<Rc<Table>>,
    pub(super) grandparents: Vec<Rc<Table>>,
    /// Whether files may change their level as they are.
    pub(super) is_move: bool,
}

impl Compaction {
    pub(super) fn input_bytes(&self) -> u64 {
        bytes(&self.inputs) + bytes(&self.overlapped)
    }
}

fn bytes(tables: &[Rc<Table>]) -> u64 {
    tables.iter().map(|table| table.size).sum()
}

fn range(tables: &[Rc<Table>]) -> Option<(OrderedKey, OrderedKey)> {
    let smallest = tables.iter().map(|table| table.smallest()).min()?;
    let largest = tables.iter().map(|table| table.largest()).max()?;
    Some((smallest, largest))
}

impl Levels {
    pub(super) fn level(&self, level: usize) -> &[LiveTable] {
        self.levels.get(level).map_or(&[], Vec::as_slice)
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &LiveTable> {
        self.levels.iter().flatten()
    }

    pub(super) fn level_bytes(&self, level: usize) -> u64 {
        self.level(level).iter().map(|live| live.table.size).sum()
    }

    /// The deepest level that has a file.
    pub(super) fn deepest(&self) -> Option<usize> {
        self.levels.iter().rposition(|level| !level.is_empty())
    }

    /// The file of a sorted level that may have `key`.
    #[inline]
    pub(super) fn find(&self, level: usize, key: OrderedKey) -> Option<&LiveTable> {
        let tables = self.level(level);
        let at = tables.partition_point(|live| live.table.largest() < key);
        tables.get(at).filter(|live| live.table.smallest() <= key)
    }

    /// Files of a level that share keys with a range.
    pub(super) fn overlapping(
        &self,
        level: usize,
        range: Option<(OrderedKey, OrderedKey)>,
    ) -> Vec<Rc<Table>> {
        let Some((smallest, largest)) = range else { return Vec::new() };
        let shares = |table: &Table| table.smallest() <= largest && smallest <= table.largest();
        let tables = self.level(level).iter().map(|live| &live.table);
        tables.filter(|table| shares(table)).map(Rc::clone).collect()
    }

    /// Whether no file below `level` shares keys with a range.
    pub(super) fn is_bottom(&self, level: usize, range: Option<(OrderedKey, OrderedKey)>) -> bool {
        (level + 1..LEVEL_COUNT).all(|below| self.overlapping(below, range).is_empty())
    }

    /// How full a level is, in thousandths; from 1000 on it wants a compaction.
    ///
    /// Source: `VersionStorageInfo::ComputeCompactionScore`, RocksDB 6.20 to 9.8.
    fn score(&self, level: usize, options: &RocksDbOptions) -> u64 {
        let per_mille = |part: u64, whole: u64| part.saturating_mul(1000) / whole.max(1);
        let by_bytes = |limit| per_mille(self.level_bytes(level), limit);
        if level == 0 {
            let [trigger, ..] = options.level0_triggers;
            let by_count = per_mille(self.level(0).len() as u64, trigger.into());
            return by_count.max(by_bytes(options.level_base));
        }
        let exponent = u32::try_from(level - 1).unwrap_or(0);
        let factor = options.level_multiplier.saturating_pow(exponent);
        by_bytes(options.level_base.saturating_mul(factor))
    }

    /// The compaction that is wanted most, if any is.
    pub(super) fn pick(&self, options: &RocksDbOptions) -> Option<Compaction> {
        let mut scores: Vec<(u64, usize)> =
            (0..LEVEL_COUNT - 1).map(|level| (self.score(level, options), level)).collect();
        scores.sort_by_key(|&(score, level)| (std::cmp::Reverse(score), level));
        let (score, level) = *scores.first()?;
        if score < 1000 {
            return None;
        }
        if level == 0 && self.prefers_level0(options) {
            let inputs = self.level(0).iter().map(|live| Rc::clone(&live.table)).collect();
            return Some(Compaction {
                level: 0,
                output_level: 0,
                inputs,
                overlapped: Vec::new(),
                grandparents: Vec::new(),
                is_move: false,
            });
        }
        let inputs =
            if level == 0 { self.level0_inputs() } else { vec![self.file_to_compact(level)?] };
        Some(self.compaction(level, level + 1, inputs, options))
    }

    /// Whether the files of level 0 are so small against level 1 that they are merged among
    /// themselves first.
    ///
    /// Source: `LevelCompactionBuilder::PickSizeBasedIntraL0Compaction`, RocksDB 8.10; 6.20 has
    /// none.
    fn prefers_level0(&self, options: &RocksDbOptions) -> bool {
        let [trigger, ..] = options.level0_triggers;
        let multiplier = options.level_multiplier.max(10).saturating_mul(2);
        options.release == RocksDbRelease::V8
            && self.level(0).len() >= trigger.max(2) as usize
            && self.level_bytes(1) > self.level_bytes(0).saturating_mul(multiplier)
    }

    fn level0_inputs(&self) -> Vec<Rc<Table>> {
        // All files that overlap the oldest one, or each other; with scattered keys that is all.
        let all: Vec<Rc<Table>> = self.level(0).iter().map(|live| Rc::clone(&live.table)).collect();
        let mut inputs: Vec<Rc<Table>> = all.last().map(Rc::clone).into_iter().collect();
        loop {
            let found = self.overlapping(0, range(&inputs));
            if found.len() == inputs.len() {
                return found;
            }
            inputs = found;
        }
    }

    /// The file with the fewest bytes below it for each of its own.
    ///
    /// Source: `kMinOverlappingRatio` in `VersionStorageInfo::UpdateFilesByCompactionPri` and
    /// `ComputeCompensatedSizes`, RocksDB 6.20 to 9.8.
    fn file_to_compact(&self, level: usize) -> Option<Rc<Table>> {
        let ratio = |table: &Rc<Table>| {
            let range = Some((table.smallest(), table.largest()));
            let below = bytes(&self.overlapping(level + 1, range));
            let entries = table.keys.len() as u64;
            let excess = (table.delete_count * 2).saturating_sub(entries);
            let value_size = table.size / entries.max(1);
            let compensated = table.size + 2 * excess * value_size;
            below.saturating_mul(1024) / compensated.max(1)
        };
        let tables = self.level(level).iter().map(|live| &live.table);
        tables.min_by_key(|table| ratio(table)).map(Rc::clone)
    }

    /// A compaction of these files of `level` with what they overlap in `output_level`.
    pub(super) fn compaction(
        &self,
        level: usize,
        output_level: usize,
        inputs: Vec<Rc<Table>>,
        options: &RocksDbOptions,
    ) -> Compaction {
        let mut inputs = inputs;
        let mut overlapped = self.overlapping(output_level, range(&inputs));
        let size_max = compaction_bytes_max(options);
        if level > 0 && !overlapped.is_empty() {
            inputs = self.expanded(level, output_level, inputs, &overlapped, size_max);
            overlapped = self.overlapping(output_level, range(&inputs));
        }
        let both = range(&[inputs.as_slice(), overlapped.as_slice()].concat());
        let grandparents = self.overlapping(output_level + 1, both);
        let is_move =
            inputs.len() == 1 && overlapped.is_empty() && bytes(&grandparents) <= size_max;
        if is_move && level > 0 && options.release == RocksDbRelease::V8 {
            inputs = self.moved_along(level, output_level, inputs, size_max);
        }
        Compaction { level, output_level, inputs, overlapped, grandparents, is_move }
    }

    /// More files of `level`, if they add none of `output_level`.
    ///
    /// Source: `CompactionPicker::SetupOtherInputs`, RocksDB 6.20 to 9.8.
    fn expanded(
        &self,
        level: usize,
        output_level: usize,
        inputs: Vec<Rc<Table>>,
        overlapped: &[Rc<Table>],
        size_max: u64,
    ) -> Vec<Rc<Table>> {
        let both = range(&[inputs.as_slice(), overlapped].concat());
        let Some((smallest, largest)) = both else { return inputs };
        let wider = self.overlapping(level, both);
        let inside: Vec<Rc<Table>> = wider
            .iter()
            .filter(|table| smallest <= table.smallest() && table.largest() <= largest)
            .map(Rc::clone)
            .collect();
        for candidates in [wider, inside] {
            let adds_none =
                self.overlapping(output_level, range(&candidates)).len() == overlapped.len();
            let fits = bytes(overlapped) + bytes(&candidates) < size_max;
            if candidates.len() > inputs.len() && adds_none && fits {
                return candidates;
            }
        }
        inputs
    }

    /// Neighbors that can move to the next level together with `inputs`.
    ///
    /// Source: `LevelCompactionBuilder::TryExtendNonL0TrivialMove`, RocksDB 8.10.
    fn moved_along(
        &self,
        level: usize,
        output_level: usize,
        inputs: Vec<Rc<Table>>,
        size_max: u64,
    ) -> Vec<Rc<Table>> {
        let mut moved = inputs;
        let Some((start, _)) = range(&moved) else { return moved };
        let tables = self.level(level);
        let at = tables.partition_point(|live| live.table.smallest() < start);
        let right = tables.iter().skip(at + 1);
        let left = tables.iter().take(at).rev();
        let can_move = |live: &&LiveTable| {
            let range = Some((live.table.smallest(), live.table.largest()));
            self.overlapping(output_level, range).is_empty()
        };
        for live in right.take_while(can_move).chain(left.take_while(can_move)) {
            if moved.len() == TRIVIAL_MOVE_MAX || bytes(&moved) + live.table.size > size_max {
                break;
            }
            moved.push(Rc::clone(&live.table));
        }
        moved
    }

    /// Puts tables into a level, in its order.
    pub(super) fn add(&mut self, level: usize, added: impl IntoIterator<Item = LiveTable>) {
        if let Some(tables) = self.levels.get_mut(level) {
            for live in added {
                if level == 0 {
                    tables.insert(0, live);
                } else {
                    tables.push(live);
                }
            }
            if level > 0 {
                tables.sort_by_key(|live| live.table.smallest());
            }
        }
    }

    /// Puts what a compaction wrote into its level: in level 0 below the files that came in
    /// meanwhile, which are newer than all it read.
    pub(super) fn add_compacted(&mut self, level: usize, added: Vec<LiveTable>) {
        match self.levels.first_mut() {
            Some(level0) if level == 0 => level0.extend(added),
            _ => self.add(level, added),
        }
    }

    /// Takes tables out, wherever they are.
    pub(super) fn remove(&mut self, removed: &[Rc<Table>]) -> Vec<LiveTable> {
        let is_removed =
            |live: &mut LiveTable| removed.iter().any(|table| Rc::ptr_eq(table, &live.table));
        self.levels.iter_mut().flat_map(|level| level.extract_if(.., is_removed)).collect()
    }
}

/// Source: `max_compaction_bytes`, 25 times the target file size, RocksDB 6.20 to 9.8.
pub(super) const fn compaction_bytes_max(options: &RocksDbOptions) -> u64 {
    options.target_file_size.saturating_mul(25)
}
