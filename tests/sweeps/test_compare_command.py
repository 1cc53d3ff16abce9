"""`python -m runner.report compare`: of runs, ensembles and the jobs of a sweep."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest
from calling import call

from runner.evaluation.predictions import FILES, Predictions
from runner.sweeps.report.report_command import main
from runner.tracking.folder_store import FolderStore
from runner.tracking.run_store import SweepTags

LABELS = np.arange(2_000) % 2
WRONG = {"old": (60, 70, 80, 90), "new": (20, 24, 28, 32), "more": (26, 27, 31)}


def network(
    seed: int, wrong: int, examples: str = "digits"
) -> tuple[dict[str, float], Predictions]:
    """Return report and predictions of a network with so many errors."""
    given = LABELS.copy()
    missed = np.random.default_rng(seed).choice(300, wrong, replace=False)
    given[missed] = 1 - given[missed]
    of_network = Predictions(LABELS, np.eye(2, dtype=np.float32)[given], None, examples)
    return {"seed": seed, **of_network.errors("test")}, of_network


def write_run(folder: Path, counts: tuple[int, ...], first: int = 0, examples: str = "a") -> None:
    reports = []
    for seed, wrong in enumerate(counts, first):
        report, predictions = network(seed, wrong, examples)
        reports.append(report)
        of_seed = folder / f"seed-{seed}" if len(counts) > 1 else folder
        of_seed.mkdir(parents=True, exist_ok=True)
        (of_seed / "report.json").write_text(json.dumps(report))
        np.savez(of_seed / FILES["test"], **predictions.arrays())  # type: ignore[arg-type]
    content = {"seeds": reports} if len(counts) > 1 else reports[0]
    (folder / "report.json").write_text(json.dumps(content))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with runs of several seeds and of one, and a sweep of three jobs."""
    workspace = tmp_path_factory.mktemp("compare")
    with chdir(workspace):
        for name, counts in WRONG.items():
            write_run(workspace / "kept" / name, counts, 10 if name == "more" else 0)
        write_run(workspace / "kept/single", (40,), 5)
        write_run(workspace / "kept/other", (40,), 6)
        write_run(workspace / "kept/strange", (40, 50), examples="other images")
        tracker = FolderStore(Path("outputs/runs"))
        with tracker.open("s", {"level": "sweep", "sweep": "s", "folder": "s", "command": ""}) as s:
            pass
        for number, job in enumerate(WRONG):
            tags = SweepTags("s", job, s.run_id, {"model": job}).tags
            folder = {"folder": str(workspace / "kept" / job), "level": "job"}
            with tracker.open(job, tags | folder, s.run_id) as run:
                mean = float(np.mean(WRONG[job])) / len(LABELS)
                run.log_metrics({"test_error": mean, "test_error.sd": 0.001, "seeds": 3 + number})
        yield workspace


def said(*words: str) -> str:
    answer = call(main, "compare", *words)
    assert answer.code == 0, answer.error
    return " ".join(answer.out.split())


def test_seeds_are_compared_by_t_test_bootstrap_probability_and_power(runs: Path) -> None:
    text = said("kept/old", "kept/new")
    assert "B is better than A: test error 1.300" in text
    assert "paired t-test" in text
    assert "with probability 1.00 (95 %: 1.00 .. 1.00)" in text
    assert "the interval above 0.5, is met" in text
    assert "8 times of 10" in text
    assert "sd by the binomial alone 0.425 %" in text  # sqrt(.0375 * .9625 / 2000)
    assert "is not met" in said("kept/new", "kept/old")


def test_other_seeds_and_another_number_of_them_are_not_paired(runs: Path) -> None:
    text = said("kept/new", "kept/more")
    assert "no better or worse" in text
    assert "Welch" in text
    assert "networks 4 3" in text


def test_single_networks_are_compared_by_mcnemar_with_wilsons_intervals(runs: Path) -> None:
    text = said("kept/single", "kept/other")
    assert "McNemar's exact test" in text
    assert "1.47 .. 2.71 %" in text
    assert "probability" not in text


def test_ensembles_are_compared_as_one_network_each(runs: Path) -> None:
    text = said("kept/old", "kept/new,kept/more", "--ensembles")
    assert "networks 4, averaged 7, averaged" in text
    assert "McNemar" in text
    assert "t-test" not in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("kept/old", "kept/old"), "have a network in common"),
        (("kept/old", "kept/old/seed-1"), "have a network in common"),
        (("kept/old", "kept/strange"), "images of old and strange differ"),
        (("kept/old", "kept/single"), "B has 1 seed"),
        (("kept/old", "kept/new", "--error", "validation"), "validation error; see --error"),
        (("kept/old", "kept/new", "--error", "validation", "--ensembles"), "see --error"),
    ],
)
def test_what_cannot_be_compared_is_said(runs: Path, words: tuple[str, ...], message: str) -> None:
    assert message in call(main, "compare", *words).refusal


def test_jobs_of_a_sweep_are_compared_with_the_best_one(runs: Path) -> None:
    lines = call(main, "compare", "s").out.splitlines()
    best, more, old = [line.split() for line in lines if line.strip()][2:5]
    assert [row[0] for row in (best, more, old)] == ["new", "more", "old"]
    assert float(old[-1]) == pytest.approx(2 * float(old[-2]), rel=0.1)  # Holm: the smaller of two
    assert more[-1] == more[-2]
    text = " ".join(" ".join(lines).split())
    assert "1 of 2 others are worse than the best by test error" in text
    assert "which flatters it" in text


def test_a_sweep_of_single_seeds_has_nothing_to_compare_by(runs: Path) -> None:
    assert "of several seeds, got 0;" in call(main, "compare", "s", "--error", "validation").refusal


ENGLISH = re.compile(r"\b(the|is|of|than|and|are|in|may|with|these|networks?|images|wrong|alone)\b")


@pytest.mark.parametrize(
    "words",
    [
        ("kept/old", "kept/new"),
        ("kept/new", "kept/old"),
        ("kept/new", "kept/more"),
        ("kept/single", "kept/other"),
        ("kept/old", "kept/new,kept/more", "--ensembles"),
        ("s",),
    ],
)
def test_what_is_said_in_portuguese_has_no_english_left(runs: Path, words: tuple[str, ...]) -> None:
    text = said(*words, "--language", "pt")
    assert not ENGLISH.findall(text), text
    assert "erro de teste" in text


@pytest.mark.parametrize(
    ("run", "words", "portuguese", "english"),
    [
        ("old", ("kept/old", "kept/new"), "B é melhor que A", "B is better than A"),
        ("new", ("s",), "outros são piores que o melhor", "others are worse than the best"),
    ],
)
def test_the_language_is_that_of_the_run(
    runs: Path, run: str, words: tuple[str, ...], portuguese: str, english: str
) -> None:
    configuration = runs / "kept" / run / "configuration/config.yaml"
    configuration.parent.mkdir()
    configuration.write_text("{dataset: {}, language: pt}")
    assert portuguese in said(*words)
    assert english in said(*words, "--language", "en")
    shutil.rmtree(configuration.parent)
