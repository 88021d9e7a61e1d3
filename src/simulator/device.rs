use super::Nanos;
use super::random::Generator;

/// What a device does to a request: how many it takes a second, how fast bytes move, how long
/// an answer takes. Profiles with their sources are in `profile.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceLaw {
    /// The time until the next request may start, whatever its size: one second over the IOPS.
    pub read_slot: Nanos,
    /// The same for writes.
    pub write_slot: Nanos,
    /// The time a mebibyte occupies the device.
    pub read_per_mib: Nanos,
    /// The same for writes.
    pub write_per_mib: Nanos,
    /// Answer times of an idle device at the quantiles 0, 50, 95, 99 and 100 %.
    pub read_latency: [Nanos; 5],
    /// The same for writes.
    pub write_latency: [Nanos; 5],
}

/// Which way the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the device.
    Read,
    /// To the device.
    Write,
}

/// One device: a queue in front of one pipe.
///
/// A request waits until the pipe is free, occupies it for its slot or for its bytes, whichever
/// is longer, and is answered a latency after it started. So IOPS, bandwidth and the latency
/// under an empty queue are all met, and a foreground read queues behind a background write.
#[derive(Debug, Clone)]
pub struct Device {
    law: DeviceLaw,
    free_at: Nanos,
    busy: Nanos,
    slowdown: u64,
    generator: Generator,
}

impl Device {
    /// An idle device.
    pub fn new(law: DeviceLaw, generator: Generator) -> Self {
        Self { law, free_at: Nanos::ZERO, busy: Nanos::ZERO, slowdown: 1, generator }
    }

    /// Takes a request that arrives at `now` and says when it is answered.
    pub fn submit(&mut self, now: Nanos, direction: Direction, bytes: u64) -> Nanos {
        let (slot, per_mib, latency) = match direction {
            Direction::Read => (self.law.read_slot, self.law.read_per_mib, self.law.read_latency),
            Direction::Write => {
                (self.law.write_slot, self.law.write_per_mib, self.law.write_latency)
            }
        };
        let transfer = per_mib.scaled(bytes, 1 << 20);
        let service = slot.max(transfer).times(self.slowdown);
        let start = self.free_at.max(now);
        self.free_at = start + service;
        self.busy += service;
        let latency = self.draw(latency).times(self.slowdown);
        start + transfer.times(self.slowdown) + latency
    }

    /// How long the pipe has been occupied so far.
    pub fn busy(&self) -> Nanos {
        self.busy
    }

    /// Makes every later request take `factor` times as long; 1 is healthy.
    pub fn slow_down(&mut self, factor: u64) {
        self.slowdown = factor.max(1);
    }

    /// Draws from the quantiles by straight lines between them, in integers.
    fn draw(&mut self, [q0, q50, q95, q99, q100]: [Nanos; 5]) -> Nanos {
        let at = self.generator.below(10_000);
        let (low, high, position, width) = match at {
            0..5_000 => (q0, q50, at, 5_000),
            5_000..9_500 => (q50, q95, at - 5_000, 4_500),
            9_500..9_900 => (q95, q99, at - 9_500, 400),
            _ => (q99, q100, at - 9_900, 100),
        };
        Nanos(low.0 + high.since(low).0 * position / width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> Device {
        let latency = [Nanos(50_000); 5];
        let law = DeviceLaw {
            read_slot: Nanos(100_000),
            write_slot: Nanos(100_000),
            read_per_mib: Nanos(1_000_000),
            write_per_mib: Nanos(2_000_000),
            read_latency: latency,
            write_latency: latency,
        };
        Device::new(law, Generator::new(crate::simulator::Seed(1)))
    }

    #[test]
    fn small_requests_are_bound_by_iops() {
        let mut device = device();
        let last = (0..11).map(|_| device.submit(Nanos::ZERO, Direction::Read, 1)).last();
        assert_eq!(last, Some(Nanos(10 * 100_000 + 1 + 50_000)));
    }

    #[test]
    fn large_requests_are_bound_by_bandwidth() {
        let mut device = device();
        device.submit(Nanos::ZERO, Direction::Write, 10 << 20);
        assert_eq!(
            device.submit(Nanos::ZERO, Direction::Write, 1 << 20),
            Nanos(22_000_000 + 50_000)
        );
    }

    #[test]
    fn a_slow_device_is_slow_in_everything() {
        let mut device = device();
        device.slow_down(3);
        assert_eq!(device.submit(Nanos::ZERO, Direction::Read, 1 << 20), Nanos(3 * 1_050_000));
    }
}
