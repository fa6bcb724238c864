//! Where a replay is written: standard output, a file that can be gone on with, or another topic.
//!
//! With `--resume` the state is replaced in one step after the file's bytes are durable, so it
//! never claims more than is there: whatever the file has beyond it is cut at the next start.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use annals_schemas::{Partition, Record, SchemaRef};

use super::direct_file::DirectFile;
use super::encoder::Encoder;
use super::judge::{Judged, Outcome};
use super::manifest::{PartitionState, ReplayManifest};
use super::other_topic::OtherTopic;
use super::written::Written;
use crate::cli::ReplayArguments;
use crate::exit::Failure;

/// How often the state is written.
const STATE_INTERVAL: Duration = Duration::from_secs(1);

/// The output and how far it is.
pub(super) struct Output {
    sink: Box<dyn Write + Send>,
    out: Option<PathBuf>,
    /// The file behind the sink, to make it durable; `None` beside a device.
    file: Option<File>,
    state_file: Option<PathBuf>,
    state_written: Instant,
    encoder: Encoder,
    other_topic: Option<OtherTopic>,
    buffer: Vec<u8>,
    written: Written,
    reading: Partition,
    manifest: ReplayManifest,
}

impl Output {
    /// `fresh` is what is to be replayed; a state may say how much of it is done.
    pub(super) async fn open(
        arguments: &ReplayArguments,
        fresh: ReplayManifest,
        mut other_topic: Option<OtherTopic>,
    ) -> Result<Self, Failure> {
        if arguments.resume.is_some() && arguments.out.is_none() && other_topic.is_none() {
            return Err(Failure::usage(
                "--resume: of standard output nothing is left to go on with",
            ));
        }
        let known = match &arguments.resume {
            Some(path) => read_state(path, &fresh)?,
            None => None,
        };
        let resumes = known.is_some();
        let manifest = known.unwrap_or(fresh);
        // Before it is opened, which cuts it.
        let written = match (&arguments.out, resumes) {
            (Some(path), true) if !is_device(path) => {
                Written::again(path, &manifest).map_err(|error| failed(path, &error))?
            }
            _ => Written::default(),
        };
        if let Some(other_topic) = other_topic.as_mut().filter(|_| resumes) {
            other_topic.find_landed(&manifest.other_topic_ends).await?;
        }
        let (sink, file) = match &arguments.out {
            None => (Box::new(std::io::stdout()) as _, None),
            Some(path) => open_file(path, manifest.bytes).map_err(|error| failed(path, &error))?,
        };
        let mut output = Self {
            sink,
            out: arguments.out.clone(),
            file,
            state_file: arguments.resume.clone(),
            state_written: Instant::now(),
            encoder: Encoder::new(arguments.format),
            other_topic,
            buffer: Vec::new(),
            written,
            reading: 0,
            manifest,
        };
        match output.other_topic {
            _ if resumes => {}
            // Before anything is appended, so that whatever will have been can be told.
            Some(_) => output.write_state()?,
            None => output.write_header()?,
        }
        Ok(output)
    }

    pub(super) fn manifest(&self) -> &ReplayManifest {
        &self.manifest
    }

    /// State of the partition that is read next.
    pub(super) fn partition(&mut self, partition: Partition) -> &PartitionState {
        self.reading = partition;
        self.state()
    }

    /// Says by which schemas a partition's records are read.
    pub(super) fn note_schemas(&mut self, partition: Partition, schemas: Vec<SchemaRef>) {
        self.manifest.partitions[partition as usize].schemas = schemas;
    }

    fn state(&mut self) -> &mut PartitionState {
        &mut self.manifest.partitions[self.reading as usize]
    }

    /// Whether the record comes next: those before were written by the run that is gone on with.
    pub(super) fn take(&mut self, record: &Record) -> bool {
        let state = self.state();
        let offset = record.position.offset;
        if offset < state.next_offset {
            return false;
        }
        state.advance(offset);
        state.next_offset = offset + 1;
        true
    }

    pub(super) fn count(&mut self, judged: &Judged<'_>) {
        let state = self.state();
        state.read += 1;
        match judged.outcome {
            Outcome::Visible(_) => state.visible += 1,
            Outcome::Duplicate(_) => state.duplicate += 1,
            Outcome::Quarantined(_) => state.quarantined += 1,
        }
    }

    pub(super) fn write(&mut self, judged: &Judged<'_>) {
        match &mut self.other_topic {
            Some(other_topic) => other_topic.take(judged.record),
            None => self.encoder.write(judged, &mut self.buffer),
        }
        self.state().records += 1;
    }

    /// Writes what has gathered, and now and then the state.
    pub(super) async fn flush(&mut self) -> Result<(), Failure> {
        if let Some(other_topic) = &mut self.other_topic {
            other_topic.flush().await?;
        }
        self.encoder.flush(&mut self.buffer);
        let buffer = std::mem::take(&mut self.buffer);
        self.sink.write_all(&buffer).map_err(|error| self.failed(&error))?;
        self.written.update(&buffer);
        self.state().bytes += buffer.len() as u64;
        self.manifest.bytes += buffer.len() as u64;
        self.buffer = buffer;
        self.buffer.clear();
        if self.state_file.is_some() && self.state_written.elapsed() >= STATE_INTERVAL {
            self.write_state()?;
        }
        Ok(())
    }

    pub(super) fn end_partition(&mut self, partition: Partition) -> Result<(), Failure> {
        self.reading = partition;
        let part = self.written.end_part();
        let state = self.state();
        state.advance(state.end_offset);
        state.next_offset = state.end_offset;
        state.sha256 = part;
        match self.state_file {
            Some(_) => self.write_state(),
            None => Ok(()),
        }
    }

    /// Makes everything durable and writes `F.manifest.json`; the state is of no more use.
    pub(super) fn finish(mut self) -> Result<ReplayManifest, Failure> {
        self.sink.flush().map_err(|error| self.failed(&error))?;
        self.manifest.complete = true;
        self.manifest.sha256 = self.written.digest();
        if let (Some(path), Some(file)) = (&self.out, &self.file) {
            file.sync_all().map_err(|error| failed(path, &error))?;
            let beside = with_ending(path, ".manifest.json");
            write_json(&beside, &self.manifest).map_err(|error| failed(&beside, &error))?;
        }
        if self.other_topic.is_some() {
            let text = serde_json::to_string_pretty(&self.manifest).expect("plain data");
            writeln!(self.sink, "{text}").map_err(|error| self.failed(&error))?;
        }
        if let Some(path) = &self.state_file {
            // If we stop here the next run finds everything written and ends at once.
            fs::remove_file(path).or_else(ignore_absence).map_err(|e| failed(path, &e))?;
        }
        Ok(self.manifest)
    }

    fn write_header(&mut self) -> Result<(), Failure> {
        let mut header = Vec::new();
        self.encoder.write_header(&mut header);
        self.sink.write_all(&header).map_err(|error| self.failed(&error))?;
        self.written = Written::behind(&header);
        self.manifest.bytes += header.len() as u64;
        Ok(())
    }

    fn write_state(&mut self) -> Result<(), Failure> {
        let Some(path) = &self.state_file else { return Ok(()) };
        if let Some(other_topic) = &self.other_topic {
            self.manifest.other_topic_ends = other_topic.ends().to_vec();
        }
        self.sink.flush().map_err(|error| self.failed(&error))?;
        if let Some(file) = &self.file {
            file.sync_data().map_err(|error| self.failed(&error))?;
        }
        self.manifest.sha256 = self.written.digest();
        // If we stop here the state is the one before: what was written since is cut and written
        // again.
        write_json(path, &self.manifest).map_err(|error| failed(path, &error))?;
        self.state_written = Instant::now();
        Ok(())
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        failed(self.out.as_deref().unwrap_or(Path::new("standard output")), error)
    }
}

/// The state of an earlier run; `None` if there was none.
fn read_state(path: &Path, fresh: &ReplayManifest) -> Result<Option<ReplayManifest>, Failure> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, &error)),
    };
    let known: ReplayManifest = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    if !known.continues(fresh) {
        let what = "is the state of another replay: topic or flags differ";
        return Err(Failure::usage(format!("{} {what}", path.display())));
    }
    Ok(Some(known))
}

/// A device or a pipe keeps nothing.
fn is_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

/// Where to write, and the file behind it.
type Opened = (Box<dyn Write + Send>, Option<File>);

/// Opens the file to go on after so many bytes: whatever lies beyond is cut. Beside a device or a
/// pipe there is no place for a manifest: it is no file.
fn open_file(path: &Path, keep: u64) -> std::io::Result<Opened> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    if is_device(path) {
        return Ok((Box::new(file), None));
    }
    file.set_len(keep)?;
    let written = DirectFile::new(path, file.try_clone()?, keep)?;
    Ok((Box::new(written), Some(file)))
}

fn write_json(path: &Path, manifest: &ReplayManifest) -> std::io::Result<()> {
    let beside = with_ending(path, ".new");
    let mut file = File::create(&beside)?;
    serde_json::to_writer_pretty(&mut file, manifest)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(beside, path)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn ignore_absence(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{}: {error}", path.display()))
}
