//! A file that is written from a place on, past the page cache.
//!
//! What a replay writes is made durable before it ends, and read by others, if at all: the kernel's
//! own copy of it took a quarter of the processor time, and the room of pages that the log's
//! readers come back to. Whole blocks go out on a thread while the next ones are gathered; what is
//! begun of one at a flush, and everything where the file system writes no other way, goes through
//! the page cache.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rustix::fs::OFlags;

use super::blocks::{BLOCK, Blocks};

/// A file being written, sequentially.
pub(super) struct DirectFile {
    file: File,
    /// Where the first waiting byte belongs: the start of a block.
    start: u64,
    waiting: Blocks,
    /// To the thread: blocks and where they belong.
    handed: SyncSender<(Blocks, u64)>,
    /// From the thread: the blocks that are written, to be filled again.
    written: Receiver<io::Result<Blocks>>,
    /// Blocks that nobody uses; `None` while the thread writes them.
    spare: Option<Blocks>,
    /// Whether all that was written is in the file.
    is_flushed: bool,
}

impl DirectFile {
    /// Goes on in a file that is open for writing, behind so many bytes, which are all it has.
    pub(super) fn new(path: &Path, file: File, length: u64) -> io::Result<Self> {
        let flags = OFlags::DIRECT.bits().cast_signed();
        let direct = OpenOptions::new().write(true).custom_flags(flags).open(path).ok();
        Self::with(direct, (path, file), length)
    }

    fn with(direct: Option<File>, (path, file): (&Path, File), length: u64) -> io::Result<Self> {
        // The block that the place is in is written again as a whole.
        let begun = length % BLOCK as u64;
        let (start, mut waiting) = (length - begun, Blocks::new());
        if begun > 0 {
            let mut bytes = vec![0; usize::try_from(begun).unwrap_or(BLOCK)];
            File::open(path)?.read_exact_at(&mut bytes, start)?;
            waiting.add(&bytes);
        }
        let (handed, blocks) = sync_channel(1);
        let (answers, written) = sync_channel(1);
        let writer = BlockWriter { direct, file: file.try_clone()? };
        let thread = std::thread::Builder::new().name("replay-writer".to_owned());
        thread.spawn(move || writer.run(&blocks, &answers))?;
        let spare = Some(Blocks::new());
        Ok(Self { file, start, waiting, handed, written, spare, is_flushed: true })
    }

    /// Blocks to gather in, once what was handed over is written.
    fn spare(&mut self) -> io::Result<Blocks> {
        self.spare.take().map_or_else(|| self.written.recv().map_err(|_| has_ended())?, Ok)
    }

    /// Hands the whole blocks over, once those before are written.
    fn hand_over(&mut self) -> io::Result<()> {
        let mut next = self.spare()?;
        let (whole, begun) = self.waiting.parts();
        let length = whole.len() as u64;
        next.clear();
        next.add(begun);
        let full = std::mem::replace(&mut self.waiting, next);
        self.handed.send((full, self.start)).map_err(|_| has_ended())?;
        self.start += length;
        Ok(())
    }
}

impl Write for DirectFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.is_flushed = false;
        let taken = self.waiting.add(bytes);
        if self.waiting.is_full() {
            self.hand_over()?;
        }
        Ok(taken)
    }

    /// All of it is in the file then. The block that is only begun is kept, and written once more
    /// when it is whole.
    fn flush(&mut self) -> io::Result<()> {
        if self.is_flushed {
            return Ok(());
        }
        self.hand_over()?;
        self.spare = Some(self.spare()?);
        let (_, begun) = self.waiting.parts();
        self.file.write_all_at(begun, self.start)?;
        self.is_flushed = true;
        Ok(())
    }
}

fn has_ended() -> io::Error {
    io::Error::other("the thread that writes has ended")
}

/// Whoever gives up, because the log is damaged say, leaves what was written till then.
impl Drop for DirectFile {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// Writes blocks as they come, until nobody hands over any or one cannot be written.
struct BlockWriter {
    /// The file past the page cache; `None` where that is not to be had.
    direct: Option<File>,
    file: File,
}

impl BlockWriter {
    fn run(mut self, handed: &Receiver<(Blocks, u64)>, answers: &SyncSender<io::Result<Blocks>>) {
        for (blocks, start) in handed {
            let written = self.write(blocks.parts().0, start).map(|()| blocks);
            let goes_on = written.is_ok();
            if answers.send(written).is_err() || !goes_on {
                return;
            }
        }
    }

    fn write(&mut self, blocks: &[u8], start: u64) -> io::Result<()> {
        if let Some(direct) = &self.direct {
            match direct.write_all_at(blocks, start) {
                // Some file systems say only now that they do not write so.
                Err(error) if is_unable(&error) => self.direct = None,
                written => return written,
            }
        }
        self.file.write_all_at(blocks, start)
    }
}

fn is_unable(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn write_only(path: &Path) -> File {
        OpenOptions::new().write(true).create(true).truncate(false).open(path).unwrap()
    }

    fn opened(path: &Path, is_direct: bool, length: u64) -> DirectFile {
        let file = write_only(path);
        match is_direct {
            true => DirectFile::new(path, file, length).unwrap(),
            false => DirectFile::with(None, (path, file), length).unwrap(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever is written in whatever parts, flushed and gone on with at any place.
        #[test]
        fn the_file_holds_what_was_written(
            parts in proptest::collection::vec((0..1_500_000_usize, 0..4_u8), 0..8),
            is_direct: bool,
        ) {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("f");
            let mut file = opened(&path, is_direct, 0);
            let mut expected = Vec::new();
            for (number, (length, then)) in parts.into_iter().enumerate() {
                let part: Vec<u8> = (0..=250).cycle().skip(number).take(length).collect();
                file.write_all(&part).unwrap();
                expected.extend_from_slice(&part);
                if then > 0 {
                    file.flush().unwrap();
                    prop_assert!(std::fs::read(&path).unwrap() == expected);
                }
                if then > 1 {
                    expected.truncate(expected.len() / usize::from(then));
                    drop(file);
                    write_only(&path).set_len(expected.len() as u64).unwrap();
                    file = opened(&path, is_direct, expected.len() as u64);
                }
            }
            drop(file);
            prop_assert!(std::fs::read(&path).unwrap() == expected);
        }
    }

    /// What cannot be written is told by the flush at the latest, and by every one after it.
    #[test]
    fn a_write_that_fails_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        let file = write_only(&path);
        let read_only = File::open(&path).unwrap();
        let mut file = DirectFile::with(Some(read_only), (&path, file), 0).unwrap();
        file.write_all(&[7; 3 * BLOCK]).unwrap();
        assert_eq!(file.flush().unwrap_err().raw_os_error(), Some(9));
        assert!(file.flush().is_err());
    }

    /// As a file system would that writes through the page cache only.
    #[test]
    fn blocks_that_cannot_be_written_directly_are_written_all_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        let file = write_only(&path);
        let flags = OFlags::DIRECT.bits().cast_signed();
        let direct = OpenOptions::new().write(true).custom_flags(flags).open(&path).unwrap();
        let mut writer = BlockWriter { direct: Some(direct), file };
        // No block starts there.
        writer.write(b"abc", 5).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"\0\0\0\0\0abc");
    }
}
