use std::fmt;
use std::time::Duration;

/// How long operations took, in steps of 9 %: as small after an hour as after a second.
#[derive(Clone, Debug)]
pub(crate) struct Latency {
    counts: Vec<u64>,
    longest: Duration,
}

const STEPS_PER_DOUBLING: f64 = 8.0;

impl Default for Latency {
    fn default() -> Self {
        Latency { counts: vec![0; 256], longest: Duration::ZERO }
    }
}

impl Latency {
    pub(crate) fn note(&mut self, took: Duration) {
        let micros = took.as_micros().max(1) as f64;
        let last = self.counts.len() - 1;
        self.counts[((micros.log2() * STEPS_PER_DOUBLING) as usize).min(last)] += 1;
        self.longest = self.longest.max(took);
    }

    pub(crate) fn add(&mut self, other: &Latency) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.longest = self.longest.max(other.longest);
    }

    /// No fewer than this share of the operations took less time.
    fn percentile(&self, share: f64) -> Duration {
        let wanted = (self.counts.iter().sum::<u64>() as f64 * share).ceil() as u64;
        let mut seen = 0;
        let within = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        let micros = ((within.unwrap_or_default() + 1) as f64 / STEPS_PER_DOUBLING).exp2();
        Duration::from_micros(micros as u64).min(self.longest)
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let [half, most, nearly_all] = [0.5, 0.95, 0.99].map(|share| millis(self.percentile(share)));
        write!(f, "p50 {half:.1}, p95 {most:.1}, p99 {nearly_all:.1}, longest {:.1} ms", millis(self.longest))
    }
}
