"""The tables of experiments/README.md say what the raw results hold."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import apart, baselines, join, label_errors, records, run, table
from runner.evaluation.predictions import Predictions
from runner.tracking.run_finder import run_in_folder


def seed(error: float, **of_learners: dict[str, float]) -> dict[str, Any]:
    features = {"layer": "pooling_2", "count": 640, "images": 60_000}
    network = fit(error, 9.0) | {"train_seconds": 9.0, "epochs": 1}
    return network | {"features": features, "learners": of_learners}


def fit(error: float, seconds: float) -> dict[str, float]:
    return {"test_error": error, "fit_seconds": seconds, "predict_seconds": 2.0}


def test_learners_stand_beside_their_networks_best_first() -> None:
    one = seed(0.01, tree=fit(0.07, 3.0), svm=fit(0.008, 5.0))
    other = seed(0.012, tree=fit(0.05, 5.0), svm=fit(0.008, 5.0))
    rows = baselines.table({"cnn1-features": {"seeds": [one, other]}, "cnn1": {"seeds": [{}]}})
    said = [line.strip("| ").split(" | ") for line in rows.splitlines()[2:]]
    assert [row[2] for row in said] == ["svm", "network", "tree"]
    assert said[0][1:] == ["640 of pooling_2", "svm", "0.80 %", "1", "5.0", "2.0"]
    assert said[1][3:] == ["1.100 ± 0.141 %", "2", "-", "2.0"]
    assert said[2][3:] == ["6.000 ± 1.414 %", "2", "4.0", "2.0"]


def test_a_check_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [table.README, *map(table.HERE.parent.joinpath, table.TEXTS)]
    texts += table.EXPERIMENTS.glob("*.yaml")
    before = [path.stat().st_mtime_ns for path in texts]
    monkeypatch.setattr("sys.argv", ["table", "--check"])
    table.main()
    assert [path.stat().st_mtime_ns for path in texts] == before


# --- a handout's number beside ours ----------------------------------------------------------


def of(*errors: float, **more: Any) -> dict[str, Any]:
    seeds = [fit(error, 1.0) | {"seed": number} for number, error in enumerate(errors)]
    return {"seeds": seeds, "command": "python -m runner", "environment": {}, "code": "c"} | more


def test_a_handouts_number_is_so_many_standard_deviations_off() -> None:
    ours = of(0.01, 0.02, 0.03)  # 2 ± 1 %
    assert apart.said({"printed": [2.0, 3.5, 0.0]}, ours) == "+0.0, +1.5, -2.0"
    assert apart.said({"printed": []}, ours) == "-"
    assert apart.said({"printed": [1]}, of(0.01)) == "-"
    assert apart.said({"printed": [0]}, of(0.0, 0.0)) == "+0.0"
    assert apart.distances({"printed": [1]}, of(0.0, 0.0)) == [math.inf]


def test_what_is_far_off_needs_a_reason_and_nothing_else_has_one() -> None:
    ours = {"mlp1": of(0.01, 0.02, 0.03)}
    far, near = {"printed": [4.5]}, {"printed": [2.5]}
    with pytest.raises(SystemExit, match='mlp1 needs "apart"'):
        apart.explanations({"mlp1": far}, ours)
    with pytest.raises(SystemExit, match='mlp1 needs no "apart"'):
        apart.explanations({"mlp1": near | {"apart": "chance"}}, ours)
    assert apart.explanations({"mlp1": near, "mlp2": far}, ours) == ""
    assert apart.explanations({"mlp1": far | {"apart": "chance"}}, ours) == (
        "- **mlp1**, 2.000 ± 1.000 % against 4.5 %: chance\n"
    )


# --- goals -----------------------------------------------------------------------------------


def test_a_goal_is_reached_by_the_mean_or_the_ensemble_that_it_is_asked_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [("single", 1.5), ("single", 1.4), ("ensemble", 1.0), ("ensemble with views", 0.5)]
    rows = [{"rules": "r", "experiment": "one", "of": of, "goal": goal} for of, goal in asked]
    rows.append(rows[0] | {"experiment": "another"})
    (tmp_path / "records.json").write_text(json.dumps(rows))
    monkeypatch.setattr(records, "RECORDS", tmp_path / "records.json")
    result = of(0.01, 0.02, ensemble={"test_error": 0.01, "tta_test_error": 0.006})
    monkeypatch.setattr(records, "NETWORKS", 2)
    lines = records.table({"one": result}).splitlines()[2:]
    assert [line.split(" | ")[6] for line in lines] == ["yes", "no", "yes", "no", "-"]
    monkeypatch.setattr(records, "NETWORKS", 3)
    fewer = records.table({"one": result}).splitlines()[2:]
    assert [line.split(" | ")[6] for line in fewer[:2]] == ["yes, so far", "no, so far"]
    assert "1.500 ± 0.707 %" in lines[0]
    assert "0.60 %" in lines[3]
    assert "not run" in lines[4]
    (asked_of_all,) = records.table({"one": of(0.01, 0.02)}).splitlines()[4:5]
    assert asked_of_all.split(" | ")[4:7] == ["not measured", "2", "-"]


def test_an_area_under_the_curve_is_to_be_as_large_as_its_goal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [("AUC", 0.995), ("AUC", 0.997), ("accuracy at equal error", 0.97)]
    rows = [{"rules": "r", "experiment": "one", "of": of, "goal": goal} for of, goal in asked]
    (tmp_path / "records.json").write_text(json.dumps(rows))
    monkeypatch.setattr(records, "RECORDS", tmp_path / "records.json")
    monkeypatch.setattr(records, "NETWORKS", 1)
    result = of(0.01)
    result["seeds"][0] |= {"auc": 0.996, "equal_error_accuracy": 0.96}
    lines = [line.split(" | ") for line in records.table({"one": result}).splitlines()[2:]]
    assert [(line[3], line[4], line[6]) for line in lines] == [
        ("0.995", "0.9960 ± 0.0000", "yes"),
        ("0.997", "0.9960 ± 0.0000", "no"),
        ("0.97", "0.9600 ± 0.0000", "no"),
    ]


# --- parts of one experiment -----------------------------------------------------------------


def part(folder: Path, number: int, right: list[int]) -> Path:
    """Write the result of one seed and what it predicted for four images of two classes."""
    probabilities = np.asarray([[0.9, 0.1] if one else [0.4, 0.6] for one in right], np.float32)
    (folder / "kept").mkdir(exist_ok=True)
    labels = np.zeros(len(right), np.int64)
    np.savez(folder / f"kept/seed-{number}.npz", labels=labels, probabilities=probabilities)
    result = of(0.0) | {"seeds": [fit(1 - sum(right) / len(right), 1.0) | {"seed": number}]}
    path = folder / f"cnn1.part{number}.json"
    path.write_text(json.dumps(result))
    return path


def joined(folder: Path, parts: list[Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(join, "RESULTS", folder)
    kept = ["--predictions", str(folder / "kept")]
    monkeypatch.setattr("sys.argv", ["join", "cnn1", *map(str, parts), *kept])
    join.main()
    result: dict[str, Any] = json.loads((folder / "cnn1.json").read_text())
    return result


def test_a_part_that_has_the_name_of_the_whole_becomes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (part(tmp_path, number, [1, 1, 0, 1]) for number in (0, 1))
    first = first.rename(tmp_path / "cnn1.json")
    assert len(joined(tmp_path, [first, second], monkeypatch)["seeds"]) == 2
    assert not second.exists()


def test_parts_are_one_result_with_their_ensemble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [part(tmp_path, 1, [1, 0, 0, 1]), part(tmp_path, 0, [0, 1, 0, 1])]
    result = joined(tmp_path, parts, monkeypatch)
    assert [seed["seed"] for seed in result["seeds"]] == [0, 1]
    assert result["ensemble"]["networks"] == 2
    assert result["ensemble"]["test_errors"] == 1  # the surer network decides
    assert not any(path.exists() for path in parts)


def test_parts_without_all_predictions_are_not_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [part(tmp_path, number, [1, 1, 1, 1]) for number in (0, 1)]
    (tmp_path / "kept/seed-1.npz").unlink()
    with pytest.raises(SystemExit, match=r"seed-1\.npz"):
        joined(tmp_path, parts, monkeypatch)
    assert all(path.exists() for path in parts)


def test_a_result_that_is_not_among_the_parts_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = part(tmp_path, 0, [1, 1, 0, 1]).rename(tmp_path / "cnn1.json")
    before, parts = whole.read_bytes(), [part(tmp_path, number, [1, 1, 0, 1]) for number in (1, 2)]
    with pytest.raises(SystemExit, match=r"cnn1\.json.* among the parts, .* 1 seeds"):
        joined(tmp_path, parts, monkeypatch)
    assert whole.read_bytes() == before
    assert all(path.exists() for path in parts)


def test_predictions_that_do_not_load_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [part(tmp_path, number, [1, 1, 0, 1]) for number in range(4)]
    np.savez(tmp_path / "kept/seed-1.npz", values=np.zeros(4))  # of a regression
    (tmp_path / "kept/seed-2.npz").write_bytes(b"damaged")
    with pytest.raises(SystemExit, match=r"seed-1\.npz.*seed-2\.npz") as refused:
        joined(tmp_path, parts, monkeypatch)
    assert "seed-0" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert all(path.exists() for path in parts)


@pytest.mark.parametrize("other", [[1, 1, 1], None])
def test_what_makes_no_ensemble_is_refused(
    other: list[int] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [part(tmp_path, 0, [1, 1, 0, 1])] + ([part(tmp_path, 1, other)] if other else [])
    with pytest.raises(SystemExit, match="same images" if other else "of 2 seeds or more, got 1"):
        joined(tmp_path, parts, monkeypatch)
    assert all(path.exists() for path in parts)


def test_predictions_of_other_networks_make_no_ensemble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [part(tmp_path, number, [1, 1, 0, 1]) for number in range(3)]
    kept = parts[1].read_bytes()
    part(tmp_path, 1, [1, 0, 0, 1])  # a later training, into the same folder
    parts[1].write_bytes(kept)
    with pytest.raises(SystemExit, match=r"seed-1\.npz: test_error 0\.5, in the result 0\.25"):
        joined(tmp_path, parts, monkeypatch)
    assert all(path.exists() for path in parts)


def test_a_part_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [part(tmp_path, 0, [1, 1, 0, 1]), tmp_path / "cnn1.part1.json"]
    with pytest.raises(SystemExit, match=r"cnn1\.part1\.json"):
        joined(tmp_path, parts, monkeypatch)
    assert parts[0].exists()


# --- doubted labels --------------------------------------------------------------------------


@pytest.fixture
def of_mnist(tmp_path: Path) -> Path:
    """Return the folder of a run of two networks on MNIST's test labels."""
    labels = np.zeros(10_000, np.int64)
    for seed, wrong in enumerate([(947, 1621, 5), (947, 6)]):
        (tmp_path / f"seed-{seed}").mkdir()
        probabilities = np.tile(np.array([0.9, 0.1], np.float32), (10_000, 1))
        probabilities[list(wrong)] = [0.05, 0.95]
        predictions = Predictions(labels, probabilities, examples=label_errors.KNOWN["examples"])
        arrays: dict[str, Any] = predictions.arrays()
        np.savez(tmp_path / f"seed-{seed}/predictions.npz", **arrays)
    report = {"seeds": [{"seed": 0}, {"seed": 1}], "summary": {"ensemble": {"networks": 2}}}
    (tmp_path / "report.json").write_text(json.dumps(report))
    (tmp_path / "environment.json").write_text("{}")
    return tmp_path


def test_errors_on_doubted_labels_are_counted(of_mnist: Path) -> None:
    kept = run.result_in(run.planned("python -m runner", ["model=dense"]), of_mnist)
    assert [seed["wrong_images"] for seed in kept["seeds"]] == [[5, 947, 1621], [6, 947]]
    assert kept["ensemble"]["wrong_images"] == [5, 6, 947, 1621]
    rows = label_errors.table({"one": kept, "before": {"seeds": [{"seed": 0}]}}).splitlines()[2:]
    assert rows == ["| one | 2 | 2.5 | 1.5 ± 0.7 | 4 | 2 |"]


def test_other_test_images_have_no_doubted_labels(of_mnist: Path) -> None:
    file = of_mnist / "seed-1/predictions.npz"
    arrays: dict[str, Any] = dict(np.load(file)) | {"examples": np.array("another hash")}
    np.savez(file, **arrays)
    assert label_errors.wrong_images(run_in_folder(of_mnist)) == {}


def test_doubted_labels_are_those_that_fewer_than_three_of_five_saw() -> None:
    images = label_errors.KNOWN["images"].values()
    assert len(images) == 15
    assert all(seen < 3 and seen + other + neither == 5 for _, _, seen, other, neither in images)
