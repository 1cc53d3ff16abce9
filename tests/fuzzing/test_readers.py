"""Truncated and mutated files: refused in one line, or read; nothing else."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fuzzing.readers import READERS

TESTS = Path(__file__).resolve().parents[1]
FEW, COUNT, PARTS = 10, 25, 40
"""Mutations of each file, in the fast test and in each of the slow ones."""


def cases(first: int, count: int, folder: Path) -> list[dict[str, Any]]:
    """Read mutated files in processes of their own, a new one after each that a case has ended."""
    out, ends = folder / "cases.jsonl", 0
    command = [sys.executable, "-m", "fuzzing.reading", str(first), str(count), str(out)]
    found = {"PYTHONPATH": os.pathsep.join([str(TESTS), os.environ["PYTHONPATH"]])}
    while True:
        ended = subprocess.run(
            command, cwd=folder, env=os.environ | found, capture_output=True, text=True, check=False
        )
        if ended.returncode == 0:
            return [json.loads(line) for line in out.read_text().splitlines()]
        ends += 1
        text = out.read_text() if out.exists() else ""
        assert text and not text.endswith("\n") and ends < 20, ended.stderr  # noqa: PT018
        fault = json.dumps(f"ended the process, {ended.returncode}: {ended.stderr[-3000:]}")
        with out.open("a") as lines:
            lines.write(f', "ending": "fault", "fault": {fault}, "seconds": 0, "megabytes": 0}}\n')


def check(found: list[dict[str, Any]], count: int) -> None:
    wrong = [case for case in found if case["fault"]]
    faults = [f"{case['reader']} {case['seed']}: {case['fault']}" for case in wrong]
    assert not faults, f"{len(faults)} of {len(found)}: " + "\n".join(faults)
    assert len(found) == count * len(READERS)
    refused = Counter(case["reader"] for case in found if case["ending"] == "refused")
    assert len(refused) > len(READERS) / 2


def test_no_damaged_file_brings_about_anything_but_one_line(tmp_path: Path) -> None:
    check(cases(0, FEW, tmp_path), FEW)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_none_of_thousands_does(part: int, tmp_path: Path) -> None:
    check(cases(part * COUNT, COUNT, tmp_path), COUNT)
