"""Variations of the -best experiments: what they change, and their tables."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from experiments import variation_table, variations
from experiments.ablation import ABLATIONS
from experiments.candidates import CANDIDATES
from experiments.variations import WHOLE
from runner.config.run_config import CONF, Config

Configure = Callable[..., Config]
BEST = sorted(path.stem for path in (CONF / "experiment").glob("*-best.yaml"))
BRIEF = ("mlp-best", "kmnist-best", "fashion-dense-best")


def test_every_best_experiment_has_an_ablation() -> None:
    declared = ABLATIONS.declared()
    assert sorted(declared) == BEST
    assert all(next(iter(parts)) == WHOLE for parts in declared.values())


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in BRIEF)) for name in BEST]
)
def test_a_row_takes_one_thing_away_and_never_sees_the_test(
    name: str, configure: Configure
) -> None:
    whole = configure(*ABLATIONS.overrides_of(name, WHOLE))
    assert whole.dataset.has_validation
    for part in list(ABLATIONS.declared()[name])[1:]:
        without = configure(*ABLATIONS.overrides_of(name, part))
        differing = [
            field.name
            for field in fields(Config)
            if field.name != "tracking"
            and getattr(without, field.name) != getattr(whole, field.name)
        ]
        assert len(differing) == 1, (part, differing)
        assert not without.evaluation.test


@pytest.mark.parametrize("name", CANDIDATES.declared())
def test_candidates_are_settings_that_can_be_composed_and_never_see_the_test(
    name: str, configure: Configure
) -> None:
    declared = CANDIDATES.declared()[name]
    assert next(iter(declared)) == WHOLE
    whole, *others = (configure(*CANDIDATES.overrides_of(name, part)) for part in declared)
    assert whole.dataset.has_validation
    assert not any(one.evaluation.test for one in (whole, *others))
    assert all(replace(one, tracking=whole.tracking) != whole for one in others)


def keep(folder: Path, part: str, *errors: float) -> None:
    seeds = [
        {"seed": seed, "validation_error": error, "train_seconds": 2.0}
        for seed, error in enumerate(errors)
    ]
    (folder / "mnist-best").mkdir(exist_ok=True)
    (folder / "mnist-best" / f"{part}.json").write_text(json.dumps({"seeds": seeds}))


def test_a_difference_is_one_of_networks_with_the_same_seed(tmp_path: Path) -> None:
    keep(tmp_path, "affine", 0.012, 0.023, 0.034)
    assert "affine" not in variation_table.of_ablations(
        ABLATIONS, tmp_path
    )  # nothing to compare with
    keep(tmp_path, WHOLE, 0.01, 0.02, 0.03)
    rows = variation_table.of_ablations(ABLATIONS, tmp_path).splitlines()[2:]
    assert rows == [
        "| mnist-best | nothing | 2.000 ± 1.000 % | 3 | - |",
        "| mnist-best | affine | 2.300 ± 1.100 % | 3 | +0.300 ± 0.058 |",
    ]


def test_what_is_measured_is_not_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, "affine", 0.01)
    keep(tmp_path, WHOLE, 0.01, 0.02)
    listed = ["--list", "mnist-best", "--seeds", "2", "--results", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["ablation", *listed])
    ABLATIONS.main(None)
    printed = capsys.readouterr().out.splitlines()
    assert "python -m experiments.ablation mnist-best affine --seeds 2" in printed
    assert not [line for line in printed if WHOLE in line]


def test_a_row_with_more_networks_stays(tmp_path: Path) -> None:
    keep(tmp_path, "affine", 0.01, 0.02)
    variations.write(tmp_path / "mnist-best/affine.json", {"seeds": [{}]})
    row = variations.kept(tmp_path, "mnist-best", "affine")
    assert row is not None
    assert len(row["seeds"]) == 2
    assert (tmp_path / "mnist-best/affine.interrupted.json").exists()


def test_an_unknown_ingredient_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["ablation", "mnist-best", "magic"])
    with pytest.raises(SystemExit, match="EXPERIMENT INGREDIENT"):
        ABLATIONS.main(None)


@pytest.mark.parametrize(("finished", "message"), [(2, "only 2 of 3"), (0, "1")])
def test_finished_networks_of_a_row_that_is_interrupted_are_kept(
    finished: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(command: list[str], check: bool) -> "subprocess.CompletedProcess[str]":
        folder = Path(command[-1].removeprefix("hydra.run.dir="))
        for seed in range(finished):
            (folder / f"seed-{seed}").mkdir(parents=True)
            report = dict.fromkeys(variations.KEPT, seed)
            (folder / f"seed-{seed}/report.json").write_text(json.dumps(report))
        folder.mkdir(exist_ok=True)
        (folder / "environment.json").write_text("{}")
        os.kill(os.getpid(), signal.SIGTERM)  # a queue whose time is over sends it to both
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(subprocess, "run", interrupted)
    words = ["mlp-best", "noise", "--seeds", "3", "--results", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["ablation", *words])
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match=message):
        ABLATIONS.main(None)
    signal.signal(signal.SIGTERM, before)
    found = variations.kept(tmp_path, "mlp-best", "noise")
    assert finished == (len(found["seeds"]) if found else 0)


def test_the_folder_of_networks_that_could_not_be_kept_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(command: list[str], check: bool) -> "subprocess.CompletedProcess[str]":
        folder = Path(command[-1].removeprefix("hydra.run.dir="))
        folder.mkdir()
        (folder / "environment.json").write_text("{}")
        (folder / "report.json").write_text(json.dumps(dict.fromkeys(variations.KEPT, 0)))
        return subprocess.CompletedProcess(command, 0)

    (tmp_path / "results").touch()  # where they should go
    monkeypatch.setattr(tempfile, "mkdtemp", lambda: str(tmp_path))
    monkeypatch.setattr(subprocess, "run", trained)
    words = ["mlp-best", "noise", "--seeds", "1", "--results", str(tmp_path / "results")]
    monkeypatch.setattr("sys.argv", ["ablation", *words])
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match=f"what was trained is in {tmp_path}$"):
        ABLATIONS.main(None)
    signal.signal(signal.SIGTERM, before)
    assert (tmp_path / "run/report.json").exists()
