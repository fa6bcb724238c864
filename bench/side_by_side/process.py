"""What processes and files cost: CPU, memory, bytes on disk; and how to have them read from the disk again."""
import os
import resource
import threading
from pathlib import Path

SAMPLE_SECONDS = 0.2


def descendants(pid):
    """A process and all below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                waiting.extend(int(child) for child in children.read_text().split())
            except OSError:
                pass   # it has just ended
    return found


def memory_bytes(pid, leave_out=()):
    """Proportional set size of a process and all below it: memory shared between them counts once."""
    total = 0
    for one in descendants(pid):
        if one in leave_out:
            continue
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            pass   # it has just ended
    return total


class PeakMemory:
    """The largest memory that a process and all below it took while this is open. Looking takes some milliseconds of whoever is looked at,
    and of this process: nobody looks while `still` is held."""

    def __init__(self, pid, leave_out=()):
        self.pid, self.leave_out, self.peak, self.over, self.still = pid, leave_out, 0, threading.Event(), threading.Lock()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.over.wait(SAMPLE_SECONDS):
            with self.still:
                self.peak = max(self.peak, memory_bytes(self.pid, self.leave_out))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def cpu_seconds(with_own):
    """CPU of all children of this process that have ended, and with its own where the work is done in it."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, *([resource.RUSAGE_SELF] if with_own else []))]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def files(places):
    return [file for place in places for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file()]


def disk_bytes(places):
    """Bytes that files take on the disk. A place that is missing is another's mistake, not nothing."""
    for place in places:
        place.stat()
    return sum(file.stat().st_blocks * 512 for file in files(places))


def evict(places):
    """Takes files out of the page cache, as after a restart of the machine. Theirs alone: others go on undisturbed."""
    for file in files(places):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
