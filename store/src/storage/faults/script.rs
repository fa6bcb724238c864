//! What fails, and how: chances and plans.

use std::io::ErrorKind;

use object_store::Error;
use object_store::path::Path;

/// What a backend is asked for. Looking at an object counts as [`Get`](Self::Get); beginning and
/// aborting an upload never fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// An object in one request.
    Put,
    /// A part of an upload.
    Part,
    /// The end of an upload, which makes it an object.
    Complete,
    /// An object, a stretch of one, or a look at its length.
    Get,
    /// Names below a prefix.
    List,
    /// A removal.
    Delete,
}

const OPERATIONS: usize = 6;

impl Operation {
    fn creates(self) -> bool {
        matches!(self, Self::Put | Self::Complete)
    }
}

/// How an operation fails. Where a fault has no meaning, the operation is refused instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An error, nothing done.
    Refused,
    /// The same because the disk is full.
    NoSpace,
    /// Done, but the answer is an error.
    ReplyLost,
    /// An error; done during one of the next four operations. For put, complete and delete.
    LandsLate,
    /// `AlreadyExists`, whatever is there; nothing done. For put and complete.
    FalseConflict,
    /// A put stores only the first half under the name, which no sound backend does: readers must
    /// find it out. A get ends in the middle with an error. The answer of a put is an error.
    Torn,
}

/// A chance: of a thousand operations of a kind, so many fail like this.
#[derive(Debug, Clone, Copy)]
pub struct FaultRate {
    /// Which operations.
    pub operation: Operation,
    /// How they fail.
    pub fault: Fault,
    /// How many of a thousand. The rates of one operation add up to a thousand at most.
    pub per_mille: u16,
}

/// A plan for one operation.
#[derive(Debug, Clone, Copy)]
pub struct PlannedFault {
    /// Its kind.
    pub operation: Operation,
    /// Which one of its kind, counted from zero at the start.
    pub nth: u64,
    /// How it fails.
    pub fault: Fault,
}

/// What will fail. The default: nothing.
#[derive(Debug, Clone, Default)]
pub struct FaultScript {
    /// Of the chances.
    pub seed: u64,
    /// Chances.
    pub rates: Vec<FaultRate>,
    /// Plans; they come before chances.
    pub planned: Vec<PlannedFault>,
}

/// A script being played.
#[derive(Debug)]
pub(super) struct Script {
    script: FaultScript,
    counts: [u64; OPERATIONS],
    injected: u64,
    random: u64,
}

impl Script {
    pub(super) fn new(script: FaultScript) -> Self {
        Self { counts: [0; OPERATIONS], injected: 0, random: script.seed, script }
    }

    /// Counts an operation; says how it fails, if it does.
    pub(super) fn next(&mut self, operation: Operation) -> Option<Fault> {
        let nth = self.count(operation);
        self.counts[operation as usize] += 1;
        // One number an operation, whether it is needed or not: plans do not shift the chances.
        let drawn = self.random() % 1000;
        let fault = self.planned(operation, nth).or_else(|| self.chance(operation, drawn));
        self.injected += u64::from(fault.is_some());
        fault
    }

    fn planned(&mut self, operation: Operation, nth: u64) -> Option<Fault> {
        let mut planned = self.script.planned.iter();
        let at = planned.position(|plan| plan.operation == operation && plan.nth == nth)?;
        Some(self.script.planned.swap_remove(at).fault)
    }

    fn chance(&self, operation: Operation, drawn: u64) -> Option<Fault> {
        let mut below = 0;
        let mut rates = self.script.rates.iter().filter(|rate| rate.operation == operation);
        let hit = rates.find(|rate| {
            below += u64::from(rate.per_mille);
            drawn < below
        });
        hit.map(|rate| rate.fault)
    }

    pub(super) fn plan_after(&mut self, operation: Operation, others: u64, fault: Fault) {
        let nth = self.count(operation) + others;
        self.script.planned.push(PlannedFault { operation, nth, fault });
    }

    pub(super) fn calm(&mut self) {
        self.script.rates.clear();
        self.script.planned.clear();
    }

    pub(super) fn count(&self, operation: Operation) -> u64 {
        self.counts[operation as usize]
    }

    pub(super) fn injected(&self) -> u64 {
        self.injected
    }

    /// The operation before which what is late lands.
    pub(super) fn landing(&mut self) -> u64 {
        self.operations() + 1 + self.random() % 4
    }

    pub(super) fn operations(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Fault {
    /// The answer that the caller gets. Only what creates can conflict.
    pub(super) fn error(self, operation: Operation, path: &Path) -> Error {
        match self {
            Self::FalseConflict if operation.creates() => {
                let path = path.to_string();
                Error::AlreadyExists { path, source: "conflict".into() }
            }
            Self::NoSpace => failed(ErrorKind::StorageFull),
            Self::Refused | Self::FalseConflict => failed(ErrorKind::ConnectionRefused),
            Self::ReplyLost | Self::LandsLate | Self::Torn => failed(ErrorKind::ConnectionReset),
        }
    }
}

fn failed(kind: ErrorKind) -> Error {
    Error::Generic { store: "faults", source: Box::new(std::io::Error::from(kind)) }
}
