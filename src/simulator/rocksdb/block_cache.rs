use crate::simulator::Violation;
use crate::simulator::random::mix;

/// RocksDB's `LRUCache`: shards by hash, each with two lists.
///
/// Data blocks enter the low list; index and filter blocks, and whatever is hit, enter the high
/// list, which may fill a share of the shard and spills its oldest to the head of the low list.
/// Eviction takes the oldest of the low list, then of the high one. Blocks of deleted files stay
/// until they are evicted. Reserved memory is charged as entries that cannot be evicted.
///
/// Source: `cache/lru_cache.cc` and `cache/cache_reservation_manager.cc`, RocksDB 6.20 to 9.8.
#[derive(Debug, Clone)]
pub(super) struct BlockCache {
    shards: Vec<Shard>,
    shard_capacity: u64,
    high_capacity: u64,
    nodes: Vec<Node>,
    free: Vec<u32>,
    /// What is cached of each file, by the file's place.
    files: Vec<CachedFile>,
    free_files: Vec<u32>,
    used: u64,
    reservations: Vec<u32>,
    reservation_count: u64,
}

/// A file's place in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CachedFileId(u32);

#[derive(Debug, Clone, Default)]
struct CachedFile {
    /// Rises when the place is given to another file, so that blocks know whose they are.
    generation: u32,
    hash: u64,
    /// The node of each block, or [`NONE`].
    nodes: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    previous: u32,
    next: u32,
    file: u32,
    generation: u32,
    block: u32,
    charge: u32,
    shard: u32,
    list: List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Low,
    High,
    Pinned,
}

#[derive(Debug, Clone, Copy, Default)]
struct Shard {
    /// Evictable and pinned bytes.
    used: u64,
    high_used: u64,
    low: Ends,
    high: Ends,
}

#[derive(Debug, Clone, Copy)]
struct Ends {
    newest: u32,
    oldest: u32,
}

impl Default for Ends {
    fn default() -> Self {
        Self { newest: NONE, oldest: NONE }
    }
}

/// How a block enters the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entering {
    /// A data block.
    Low,
    /// An index or filter block.
    High,
    /// An index or filter block that its file holds on to.
    Pinned,
}

const NONE: u32 = u32::MAX;

// Source: `kMinShardSize` and `GetDefaultCacheShardBits`, RocksDB 6.20 to 9.8.
const SHARD_SIZE_MIN: u64 = 512 << 10;
const SHARD_BITS_MAX: u32 = 6;

// Source: `kSizeDummyEntry`, RocksDB's `CacheReservationManager`.
const RESERVATION: u64 = 256 << 10;

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "nodes, files and shards are issued here; their numbers fit 32 bits"
)]
impl BlockCache {
    pub(super) fn new(capacity: u64, high_priority_permille: u32) -> Self {
        let bits = (capacity / SHARD_SIZE_MIN).checked_ilog2().unwrap_or(0).min(SHARD_BITS_MAX);
        let shard_capacity = capacity.div_ceil(1 << bits);
        let permille = u64::from(high_priority_permille.min(1000));
        // Thousands and the rest apart, since a capacity may be any number.
        let high_capacity =
            shard_capacity / 1000 * permille + shard_capacity % 1000 * permille / 1000;
        Self {
            shards: vec![Shard::default(); 1 << bits],
            shard_capacity,
            high_capacity,
            nodes: Vec::new(),
            free: Vec::new(),
            files: Vec::new(),
            free_files: Vec::new(),
            used: 0,
            reservations: Vec::new(),
            reservation_count: 0,
        }
    }

    /// Charged bytes, reservations included.
    pub(super) const fn used(&self) -> u64 {
        self.used
    }

    pub(super) fn reserved(&self) -> u64 {
        self.reservations.len() as u64 * RESERVATION
    }

    /// Makes room for a file of `block_count` blocks, none of them cached.
    pub(super) fn open_file(&mut self, number: u32, block_count: usize) -> CachedFileId {
        let place = self.free_files.pop().unwrap_or_else(|| {
            self.files.push(CachedFile::default());
            self.files.len() as u32 - 1
        });
        let file = &mut self.files[place as usize];
        file.hash = mix(u64::from(number) + 1);
        file.nodes.clear();
        file.nodes.resize(block_count, NONE);
        CachedFileId(place)
    }

    /// Forgets a deleted file, whose blocks stay as garbage; pinned ones go.
    pub(super) fn close_file(&mut self, id: CachedFileId) {
        let nodes = std::mem::take(&mut self.files[id.0 as usize].nodes);
        self.files[id.0 as usize].generation += 1;
        self.free_files.push(id.0);
        for node in nodes.into_iter().filter(|&node| node != NONE) {
            if self.nodes[node as usize].list == List::Pinned {
                self.drop_node(node);
            }
        }
    }

    /// Whether a block is cached; if so it is now the most recently used.
    #[inline]
    pub(super) fn lookup(&mut self, id: CachedFileId, block: u32) -> bool {
        let node = self.files[id.0 as usize].nodes[block as usize];
        if node == NONE {
            return false;
        }
        if self.nodes[node as usize].list != List::Pinned {
            self.unlink(node);
            self.link(node, List::High);
        }
        true
    }

    /// Puts a block that was just read into the cache.
    pub(super) fn insert(&mut self, id: CachedFileId, block: u32, charge: u32, entering: Entering) {
        let file = &self.files[id.0 as usize];
        if file.nodes[block as usize] != NONE {
            return;
        }
        let shard = self.shard_of(file.hash ^ u64::from(block));
        let generation = file.generation;
        self.evict_for(shard, u64::from(charge));
        // What does not fit beside pinned entries is used once and then let go.
        let over = self.shards[shard as usize].used + u64::from(charge) > self.shard_capacity;
        if over && entering != Entering::Pinned {
            return;
        }
        let list = match entering {
            Entering::Low => List::Low,
            Entering::High => List::High,
            Entering::Pinned => List::Pinned,
        };
        let node = self.new_node(Node {
            previous: NONE,
            next: NONE,
            file: id.0,
            generation,
            block,
            charge,
            shard,
            list,
        });
        self.files[id.0 as usize].nodes[block as usize] = node;
        self.link(node, list);
    }

    /// Sets the memory that others have charged to the cache, in whole dummy entries; it goes
    /// down only once a quarter of it is not needed.
    pub(super) fn reserve(&mut self, bytes: u64) {
        let needed = bytes.div_ceil(RESERVATION);
        let held = self.reservations.len() as u64;
        if needed < held && bytes < self.reserved() / 4 * 3 {
            for _ in needed..held {
                let shard = self.reservations.pop().unwrap_or(0);
                self.shards[shard as usize].used -= RESERVATION;
                self.used -= RESERVATION;
            }
        }
        for _ in held..needed {
            self.reservation_count += 1;
            let shard = self.shard_of(mix(self.reservation_count));
            self.evict_for(shard, RESERVATION);
            self.shards[shard as usize].used += RESERVATION;
            self.used += RESERVATION;
            self.reservations.push(shard);
        }
    }

    /// Checks that every byte is counted once, and that what can be evicted fits beside what
    /// cannot.
    pub(super) fn check(&self) -> Result<(), Violation> {
        let counted: u64 = self.shards.iter().map(|shard| shard.used).sum();
        Violation::unless(counted == self.used, "the cache has what its shards have", || {
            format!("{} != {counted}", self.used)
        })?;
        let capacity = self.shard_capacity;
        for shard in &self.shards {
            let is_bare = shard.low.oldest == NONE && shard.high.oldest == NONE;
            Violation::unless(
                shard.used <= capacity || is_bare,
                "a shard over its capacity has nothing to evict",
                || format!("{} > {capacity}", shard.used),
            )?;
        }
        Ok(())
    }

    fn shard_of(&self, hash: u64) -> u32 {
        mix(hash) as u32 & (self.shards.len() as u32 - 1)
    }

    fn new_node(&mut self, node: Node) -> u32 {
        if let Some(place) = self.free.pop() {
            self.nodes[place as usize] = node;
            return place;
        }
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    fn evict_for(&mut self, shard: u32, charge: u64) {
        while self.shards[shard as usize].used + charge > self.shard_capacity {
            let Shard { low, high, .. } = self.shards[shard as usize];
            let oldest = if low.oldest == NONE { high.oldest } else { low.oldest };
            if oldest == NONE {
                return;
            }
            self.drop_node(oldest);
        }
    }

    /// Takes a node out of the cache.
    fn drop_node(&mut self, node: u32) {
        self.unlink(node);
        let Node { file, generation, block, .. } = self.nodes[node as usize];
        let file = &mut self.files[file as usize];
        if file.generation == generation
            && let Some(held) = file.nodes.get_mut(block as usize)
        {
            *held = NONE;
        }
        self.free.push(node);
    }

    fn unlink(&mut self, at: u32) {
        let node = self.nodes[at as usize];
        let charge = u64::from(node.charge);
        let shard = &mut self.shards[node.shard as usize];
        shard.used -= charge;
        self.used -= charge;
        let ends = match node.list {
            List::Pinned => return,
            List::Low => &mut shard.low,
            List::High => {
                shard.high_used -= charge;
                &mut shard.high
            }
        };
        if node.previous == NONE {
            ends.oldest = node.next;
        } else {
            self.nodes[node.previous as usize].next = node.next;
        }
        if node.next == NONE {
            ends.newest = node.previous;
        } else {
            self.nodes[node.next as usize].previous = node.previous;
        }
    }

    /// Makes a node the newest of a list, and keeps the high list within its share.
    fn link(&mut self, at: u32, list: List) {
        let list = if list == List::High && self.high_capacity == 0 { List::Low } else { list };
        self.push_newest(at, list);
        let shard = self.nodes[at as usize].shard;
        while self.shards[shard as usize].high_used > self.high_capacity {
            let spilled = self.shards[shard as usize].high.oldest;
            if spilled == NONE {
                return;
            }
            self.unlink(spilled);
            self.push_newest(spilled, List::Low);
        }
    }

    fn push_newest(&mut self, at: u32, list: List) {
        let node = &mut self.nodes[at as usize];
        let charge = u64::from(node.charge);
        let shard = &mut self.shards[node.shard as usize];
        shard.used += charge;
        self.used += charge;
        node.list = list;
        node.next = NONE;
        let ends = match list {
            List::Pinned => return,
            List::Low => &mut shard.low,
            List::High => {
                shard.high_used += charge;
                &mut shard.high
            }
        };
        node.previous = std::mem::replace(&mut ends.newest, at);
        let previous = node.previous;
        if previous == NONE {
            ends.oldest = at;
        } else {
            self.nodes[previous as usize].next = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One shard as two vectors, oldest first.
    #[derive(Default)]
    struct Model {
        low: Vec<(u32, u32)>,
        high: Vec<(u32, u32)>,
    }

    const SIZE: u64 = 1000;
    const HIGH: u64 = 300;

    impl Model {
        fn spill(&mut self) {
            while self.high.iter().map(|e| u64::from(e.1)).sum::<u64>() > HIGH {
                let spilled = self.high.remove(0);
                self.low.push(spilled);
            }
        }

        fn lookup(&mut self, block: u32) -> bool {
            let at = |list: &Vec<(u32, u32)>| list.iter().position(|e| e.0 == block);
            let entry = match (at(&self.low), at(&self.high)) {
                (Some(i), _) => self.low.remove(i),
                (_, Some(i)) => self.high.remove(i),
                _ => return false,
            };
            self.high.push(entry);
            self.spill();
            true
        }

        fn insert(&mut self, block: u32, charge: u32, high: bool) {
            let used = |m: &Self| m.low.iter().chain(&m.high).map(|e| u64::from(e.1)).sum::<u64>();
            while used(self) + u64::from(charge) > SIZE {
                if self.low.is_empty() {
                    self.high.remove(0)
                } else {
                    self.low.remove(0)
                };
            }
            if high {
                self.high.push((block, charge))
            } else {
                self.low.push((block, charge))
            }
            self.spill();
        }
    }

    proptest! {
        #[test]
        fn one_shard_equals_two_vectors(
            steps in proptest::collection::vec((0_u32..30, 1_u32..200, any::<bool>()), 0..500)
        ) {
            let mut cache = BlockCache::new(SIZE, 300);
            let file = cache.open_file(1, 30);
            let mut model = Model::default();
            for (block, charge, high) in steps {
                let hit = model.lookup(block);
                prop_assert_eq!(cache.lookup(file, block), hit);
                if !hit {
                    model.insert(block, charge, high);
                    cache.insert(file, block, charge, if high { Entering::High } else { Entering::Low });
                }
                let used: u64 = model.low.iter().chain(&model.high).map(|e| u64::from(e.1)).sum();
                prop_assert_eq!(cache.used(), used);
            }
        }
    }

    #[test]
    fn shards_are_as_many_as_rocksdb_makes() {
        let shard_count = |mebibytes: u64| BlockCache::new(mebibytes << 20, 100).shards.len();
        assert_eq!([1, 8, 31, 32, 64, 512].map(shard_count), [2, 16, 32, 64, 64, 64]);
        assert_eq!(BlockCache::new(1, 100).shards.len(), 1);
    }

    #[test]
    fn reservations_push_blocks_out_and_come_back_late() {
        let mut cache = BlockCache::new(1 << 20, 100);
        let file = cache.open_file(1, 300);
        for block in 0..300 {
            cache.insert(file, block, 4096, Entering::Low);
        }
        cache.reserve(500 << 10);
        assert!(cache.used() <= 1 << 20);
        assert_eq!(cache.reserved(), 512 << 10);
        cache.reserve(400 << 10);
        assert_eq!(cache.reserved(), 512 << 10);
        cache.reserve(100 << 10);
        assert_eq!(cache.reserved(), 256 << 10);
    }

    #[test]
    fn blocks_of_a_deleted_file_stay_as_garbage() {
        let mut cache = BlockCache::new(64 << 10, 100);
        let file = cache.open_file(1, 4);
        cache.insert(file, 0, 4096, Entering::Low);
        cache.insert(file, 1, 4096, Entering::Pinned);
        cache.close_file(file);
        assert_eq!(cache.used(), 4096);
        let other = cache.open_file(2, 100);
        assert!(!cache.lookup(other, 0));
        for block in 0..100 {
            cache.insert(other, block, 4096, Entering::Low);
        }
        assert_eq!(cache.used(), 64 << 10);
    }
}
