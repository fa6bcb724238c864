//! What an index costs: building it, its bytes, and each question asked of it.
//!
//! `cargo run --release -p annals-index --example measure -- [names] [workspaces] [names a commit]`

#![allow(clippy::print_stdout, reason = "its purpose")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use annals_index::{IndexError, NameSource, PartitionIndex, PinnedPartitionNames, feed};

const WORDS: u64 = 8_000;
const ALPHABET: [&str; 40] = [
    "a", "e", "i", "o", "u", "e", "a", "n", "t", "r", "s", "l", "d", "m", "p", "c", "b", "g", "f",
    "k", "h", "v", "w", "y", "ing", "er", "tion", "list", "al", "st", "re", "an", "in", "z", "x",
    "q", "ж", "ø", "東", "😀",
];

/// Reproducible: the same names in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit
    }

    /// Small numbers often: about Zipf's law with exponent 1.
    fn skewed(&mut self, limit: u64) -> u64 {
        let bits = u64::from(64 - limit.leading_zeros());
        let scale = 1 << self.below(bits + 1);
        self.below(scale).min(limit - 1)
    }
}

struct Names {
    workspaces: Vec<(String, Vec<String>)>,
}

impl Names {
    fn generate(count: usize, workspaces: u64) -> Names {
        let mut random = Random(0x5eed_5eed_5eed_5eed);
        let words: Vec<String> = (0..WORDS).map(|_| word(&mut random)).collect();
        let named = |at| format!("0b9e8d2c-6f14-4c3a-9d55-{at:012x}");
        let mut workspaces: Vec<_> = (0..workspaces).map(|at| (named(at), vec![])).collect();
        for _ in 0..count {
            let own = random.skewed(workspaces.len() as u64);
            let parts = 2 + random.below(3);
            let mut name: Vec<&str> = Vec::new();
            for _ in 0..parts {
                name.push(&words[index(random.skewed(WORDS))]);
            }
            let number = random.below(100_000).to_string();
            name.push(&number);
            let name = name.join(" ");
            workspaces[index(own)].1.push(name);
        }
        workspaces.retain(|(_, names)| !names.is_empty());
        Names { workspaces }
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn word(random: &mut Random) -> String {
    let pieces = 2 + random.below(5);
    // The rare scripts at the alphabet's end.
    (0..pieces)
        .map(|_| {
            let reach = if random.below(60) == 0 { 40 } else { 36 };
            ALPHABET[index(random.below(reach))]
        })
        .collect()
}

impl NameSource for Names {
    fn workspaces(&self) -> Result<Vec<(String, u32)>, IndexError> {
        let sized = self.workspaces.iter();
        Ok(sized.map(|(id, names)| (id.clone(), u32::try_from(names.len()).unwrap_or(0))).collect())
    }

    fn visit_names(
        &self,
        workspace: &str,
        codes: Range<u32>,
        visit: &mut dyn FnMut(u32, &str) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let own = self.workspaces.iter().find(|(id, _)| id == workspace);
        let own = own.map_or(&[][..], |(_, names)| names);
        codes
            .clone()
            .zip(&own[codes.start as usize..])
            .try_for_each(|(code, name)| visit(code, name))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let count = arguments.next().transpose()?.unwrap_or(430_000);
    let workspaces = arguments.next().transpose()?.unwrap_or(200);
    let per_commit = arguments.next().transpose()?.unwrap_or(0);
    let names = Names::generate(count, workspaces as u64);
    let directory = std::env::temp_dir().join("annals-names-measure");
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    let index = PartitionIndex::open(&directory, "measure")?;
    println!("{:.2} s of processor time to make up the names", processor_seconds());
    let built = match per_commit {
        0 => feed(&index, &names)?.elapsed,
        _ => build_by_rounds(&index, &names, per_commit)?,
    };
    report_build(count, built, &directory)?;
    let largest = names.workspaces.iter().max_by_key(|(_, names)| names.len());
    let (workspace, own) = largest.ok_or("no names")?;
    println!("{} segments; the largest workspace has {} names", index.segments(), own.len());
    measure_questions(&index.pin_names(workspace), own)?;
    let pinning = median(|| black_box(index.pin_names(workspace)).covered());
    println!("pin {:.2} us", micros(pinning));
    println!("{:.2} s of processor time", processor_seconds());
    let started = Instant::now();
    index.add("new", 0, "one name more")?;
    index.commit()?;
    println!("{:.2} s of processor time", processor_seconds());
    println!("commit of one name {:.1} ms", micros(started.elapsed()) / 1e3);
    drop(index);
    let started = Instant::now();
    let index = PartitionIndex::open(&directory, "measure")?;
    println!(
        "open, all verified {:.1} ms, {} names",
        micros(started.elapsed()) / 1e3,
        index.names()
    );
    fs::remove_dir_all(&directory)?;
    Ok(())
}

/// As seals come: a slice of every workspace, then a commit.
fn build_by_rounds(
    index: &PartitionIndex,
    names: &Names,
    per_commit: usize,
) -> Result<Duration, IndexError> {
    let total: usize = names.workspaces.iter().map(|(_, names)| names.len()).sum();
    let rounds = (total / per_commit).max(1);
    let started = Instant::now();
    let mut slowest = Duration::ZERO;
    for round in 1..=rounds {
        let began = Instant::now();
        for (workspace, names) in &names.workspaces {
            let until = names.len() * round / rounds;
            let from = names.len() * (round - 1) / rounds;
            for (code, name) in (0..).zip(names).skip(from).take(until - from) {
                index.add(workspace, code, name)?;
            }
        }
        index.commit()?;
        slowest = slowest.max(began.elapsed());
    }
    println!("{rounds} commits, the slowest {:.0} ms", micros(slowest) / 1e3);
    Ok(started.elapsed())
}

fn report_build(
    count: usize,
    built: Duration,
    directory: &std::path::Path,
) -> Result<(), Box<dyn Error>> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        bytes += entry?.metadata()?.len();
    }
    let per_name = micros(built) / count as f64;
    println!("built in {:.2} s, {:.0} names/s", built.as_secs_f64(), 1e6 / per_name);
    println!("{:.2} s of processor time since the start", processor_seconds());
    println!("{:.1} bytes a name", bytes as f64 / count as f64);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(())
}

fn measure_questions(pin: &PinnedPartitionNames, own: &[String]) -> Result<(), IndexError> {
    println!(
        "{:>24} {:>8} {:>8} {:>8} {:>9} {:>9} {:>9}",
        "needle", "names", "bound", "cand.", "bound us", "cand. us", "suggest us"
    );
    let number = own[own.len() / 2].rsplit(' ').next().unwrap_or_default().to_owned();
    let whole = own[own.len() / 3].clone();
    let needles = [
        "qzqzqz".to_owned(),
        whole,
        number,
        word_in_one_of(own, 1_000),
        word_in_one_of(own, 100),
        word_in_one_of(own, 10),
        "zu".to_owned(),
        "ж".to_owned(),
        "東".to_owned(),
        "e".to_owned(),
        "list tion".to_owned(),
    ];
    for needle in needles {
        let parts: Vec<&str> = needle.split(' ').collect();
        let found = own.iter().filter(|name| parts.iter().all(|part| name.contains(part))).count();
        let bound = pin.bound(&parts)?;
        let candidates = pin.candidates(&parts)?.len();
        let name_of = |code: u32| own.get(code as usize).cloned();
        println!(
            "{needle:>24} {found:>8} {bound:>8} {candidates:>8} {:>9.2} {:>9.1} {:>9.1}",
            micros(median(|| pin.bound(&parts).unwrap_or(0))),
            micros(median(|| pin.candidates(&parts).map_or(0, |codes| codes.len()))),
            micros(median(|| pin
                .suggest_with(&needle, 10, &name_of)
                .map_or(0, |codes| codes.len()))),
        );
    }
    Ok(())
}

/// The word that is in about one name of so many.
fn word_in_one_of(own: &[String], many: usize) -> String {
    let wanted = own.len() / many;
    let sample = own.iter().step_by(own.len() / 300 + 1).flat_map(|name| name.split(' '));
    let words = sample.filter(|word| word.chars().count() > 3);
    let distance =
        |word: &&str| own.iter().filter(|name| name.contains(*word)).count().abs_diff(wanted);
    words.min_by_key(distance).map_or(String::new(), str::to_owned)
}

/// User and system time of all threads so far, where /proc tells it.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn median<T>(mut ask: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..201)
        .map(|_| {
            let started = Instant::now();
            black_box(ask());
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
