"""The candidates of the ladder of speed."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from benchmarks import ladder
from runner.config.run_config import Config

Configure = Callable[..., Config]
MARKS = [mark for mark in yaml.safe_load(ladder.CANDIDATES.read_text()) if mark != "common"]


@pytest.mark.parametrize("mark", MARKS)
def test_the_candidates_never_see_the_test_images(
    mark: str, tmp_path: Path, configure: Configure
) -> None:
    for command in ladder.commands(tmp_path, [mark]):
        *overrides, run = shlex.split(command)[3:]
        config = configure(*overrides)
        assert not config.evaluation.test
        assert config.dataset.has_validation
        assert run.startswith(f"hydra.run.dir={tmp_path / mark}/")


def test_the_table_names_what_no_faster_candidate_is_better_than(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, errors, seconds in (("a", (0.02, 0.04), 1), ("b", (0.05,), 2), ("c", (0.01,), 3)):
        for seed, error in enumerate(errors):
            report = {"validation_error": error, "train_seconds": seconds, "compile_seconds": 9}
            folder = tmp_path / f"99/{name}/seed-{seed}"
            folder.mkdir(parents=True)
            (folder / "report.json").write_text(json.dumps(report))
    ladder.show(list(ladder.measured(tmp_path)))
    rows = [line for line in capsys.readouterr().out.splitlines() if "99/" in line]
    assert ["yes" in row for row in rows] == [True, False, True]
    assert "3.000 ± 1.414" in rows[0]
