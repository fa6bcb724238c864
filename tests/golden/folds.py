#!/usr/bin/env python3
"""Folds of every assigned code point by the reference in tests/oracle/fold.py, which shares no code with the store.

usage: folds.py    prints `unicode VERSION`, then a line a code point: its number, its fold alone, its fold between two
                   letters. All in hexadecimal, the folds as UTF-8; `-` is the empty fold.
"""
import sys
import unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))
from fold import fold  # noqa: E402

NOT_TEXT = ("Cn", "Cs")   # unassigned, surrogates


def hexadecimal(text):
    return text.encode().hex() or "-"


def main():
    if len(sys.argv) != 1:
        raise SystemExit(__doc__)
    print("unicode", unicodedata.unidata_version)
    for code_point in range(sys.maxunicode + 1):
        letter = chr(code_point)
        if unicodedata.category(letter) not in NOT_TEXT:
            print(f"{code_point:x}", hexadecimal(fold(letter)), hexadecimal(fold(f"x{letter}x")))


if __name__ == "__main__":
    main()
