"""Seeds that experiments.run adds to those kept, and those of an interrupted training."""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from experiments import label_errors, merging, run, table, training_folder
from runner.tracking import run_finder
from runner.tracking.found_run import FoundRun


def of(*errors: float, **more: Any) -> dict[str, Any]:
    seeds = [
        {"test_error": error, "train_seconds": 1.0, "seed": number}
        for number, error in enumerate(errors)
    ]
    return {"seeds": seeds, "command": "python -m runner", "environment": {}, "code": "c"} | more


# --- interrupted -----------------------------------------------------------------------------


@pytest.mark.parametrize(("kept_before", "name"), [(0, "cnn1"), (3, "cnn1.interrupted")])
def test_the_finished_seeds_of_an_interrupted_training_are_kept(
    kept_before: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(command: list[str], check: bool) -> None:
        folder = Path(command[-1].removeprefix("hydra.run.dir="))
        (folder / "environment.json").write_text('{"python": "3.11"}')
        for seed in (1, 0):
            (folder / f"seed-{seed}").mkdir()
            (folder / f"seed-{seed}/report.json").write_text(json.dumps({"seed": seed}))
        (folder / "seed-2").mkdir()
        raise subprocess.CalledProcessError(143, command)

    if kept_before:
        (tmp_path / "cnn1.json").write_text(json.dumps({"seeds": [{}] * kept_before}))
    monkeypatch.setattr(run, "RESULTS", tmp_path)
    monkeypatch.setattr(subprocess, "run", interrupted)
    monkeypatch.setattr("sys.argv", ["run", "cnn1"])
    with pytest.raises(subprocess.CalledProcessError):
        run.main()
    kept = json.loads((tmp_path / f"{name}.json").read_text())
    assert kept["seeds"] == [{"seed": 0}, {"seed": 1}]
    assert "ensemble" not in kept


# --- added to those kept, or refused before anything is trained ------------------------------

OURS = {"python": "3.11", "gpu": "an NVIDIA"}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a result with seed 0, to which the command adds seed 1."""
    planned = run.planned("python -m runner experiment=cnn1", ["experiment=cnn1", "seeds=1"])
    monkeypatch.setattr(run, "RESULTS", tmp_path)
    monkeypatch.setattr(run, "environment_so_far", lambda: {"python": "3.11"})
    monkeypatch.setattr("sys.argv", ["run", "cnn1", "--seeds", "[1]", "--more"])
    path = tmp_path / "cnn1.json"
    path.write_text(json.dumps(planned | {"environment": OURS, "ensemble": {}}))
    return path


def training(seeds: list[int], environment: dict[str, str]) -> Callable[..., None]:
    """Return what leaves the reports of these seeds in place of a training."""

    def train(command: list[str], check: bool) -> None:
        folder = Path(command[-1].removeprefix("hydra.run.dir="))
        (folder / "environment.json").write_text(json.dumps(environment))
        for seed in seeds:
            (folder / f"seed-{seed}").mkdir()
            (folder / f"seed-{seed}/report.json").write_text(json.dumps({"seed": seed}))
            (folder / f"seed-{seed}/predictions.npz").touch()

    return train


def change(path: Path, **more: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | more))


def seeds_in(path: Path) -> list[int]:
    return [seed["seed"] for seed in json.loads(path.read_text())["seeds"]]


def test_seeds_are_added_to_those_kept(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", training([1], OURS))
    run.main()
    assert seeds_in(kept) == [0, 1]


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ({"seeds": [{"seed": 1}]}, r"seeds \[1\] are in the result"),
        ({"settings": "others"}, "expected the settings of"),
        ({"code": "other"}, "expected the code of"),
        ({"command": "another"}, "expected the command of"),
        ({"environment": OURS | {"python": "3.9"}}, "expected the environment of"),
    ],
)
def test_seeds_that_cannot_be_added_are_not_trained(
    there: dict[str, Any], message: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(kept, **there)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it trains"))
    with pytest.raises(SystemExit, match=f"^--more: {message}"):
        run.main()


def test_seeds_are_not_trained_to_be_added_to_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.unlink()
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it trains"))
    with pytest.raises(SystemExit, match=r"^--more: expected .*cnn1\.json, .*not there"):
        run.main()


@pytest.mark.parametrize("gone", [False, True])
def test_trained_seeds_that_cannot_be_added_are_kept_beside_them(
    gone: bool, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(command: list[str], check: bool) -> None:
        training([1], OURS | {"gpu": "another"})(command, check)
        if gone:
            kept.unlink()

    monkeypatch.setattr(subprocess, "run", train)
    predictions = ["--predictions", str(tmp_path / "predictions")]
    monkeypatch.setattr("sys.argv", ["run", "cnn1", "--seeds", "[1]", "--more", *predictions])
    with pytest.raises(SystemExit, match=r"what was trained is in .*cnn1\.interrupted\.json"):
        run.main()
    assert seeds_in(tmp_path / "cnn1.interrupted.json") == [1]
    assert gone or seeds_in(kept) == [0]
    assert (tmp_path / "predictions/seed-1.npz").exists()


def test_where_no_seed_was_finished_the_result_stays_as_it_is(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.read_bytes()
    monkeypatch.setattr(subprocess, "run", training([], OURS))
    run.main()
    assert kept.read_bytes() == before


def test_a_mistake_of_the_command_line_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["run", "cnn1", "trainig.epochs=1"])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it trains"))
    with pytest.raises(SystemExit, match="trainig"):
        run.main()


# --- a training that was long is not lost by what follows it ---------------------------------


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the training that the command does, of one seed with predictions."""

    def train(command: list[str], check: bool) -> None:
        (folder / "environment.json").write_text("{}")
        (folder / "report.json").write_text('{"seed": 0}')
        (folder / "predictions.npz").touch()

    folder = tmp_path / "trained"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "mkdtemp", lambda: str(folder))
    monkeypatch.setattr(subprocess, "run", train)
    monkeypatch.setattr(run, "RESULTS", tmp_path / "results")
    words = ["cnn1", "--seeds", "1", "--predictions", str(tmp_path / "predictions")]
    monkeypatch.setattr("sys.argv", ["run", *words])
    return folder


def test_numbers_are_kept_where_it_is_not_known_which_images_are_wrong(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run.main()  # the predictions are damaged
    assert "note: which images are wrong is not kept" in capsys.readouterr().err
    assert seeds_in(tmp_path / "results/cnn1.json") == [0]
    assert not trained.exists()


def test_which_images_are_wrong_is_no_question_to_a_store(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_finder, "existing_stores", lambda *_: pytest.fail("it asks a store"))
    monkeypatch.setattr(FoundRun, "predictions", lambda _: {"test": None})
    run.main()
    assert capsys.readouterr().err == ""


def test_the_folder_of_a_training_that_could_not_be_kept_stays(
    trained: Path, tmp_path: Path
) -> None:
    (tmp_path / "results").touch()  # where its numbers should go
    with pytest.raises(SystemExit, match=f"what was trained is in {trained}$"):
        run.main()
    assert (trained / "report.json").exists()


def test_numbers_are_kept_where_predictions_cannot_be_copied(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "predictions").touch()
    with pytest.raises(SystemExit, match=f"what was trained is in {trained}$"):
        run.main()
    assert seeds_in(tmp_path / "results/cnn1.json") == [0]
    assert (trained / "predictions.npz").exists()


def test_seeds_that_several_commands_add_at_once_are_all_kept(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*results: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.2)
        return merging.together(*results)

    monkeypatch.setattr(run, "together", slowly)
    arguments = run._parser().parse_args(["cnn1", "--more"])
    there = json.loads(kept.read_text())
    more = [there | {"seeds": [{"seed": seed}]} for seed in (1, 2, 3)]
    with ThreadPoolExecutor() as commands:
        assert [*commands.map(lambda one: run._keep(arguments, one), more)] == ["", "", ""]
    assert sorted(seeds_in(kept)) == [0, 1, 2, 3]


def test_what_an_interrupted_command_left_is_not_replaced_by_another(tmp_path: Path) -> None:
    names = ["cnn1.interrupted.json", "cnn1-2.interrupted.json", "cnn1-3.interrupted.json"]
    for name in names:
        path = training_folder.beside(tmp_path / "cnn1.json")
        assert path.name == name
        path.touch()


# --- what can be put together -----------------------------------------------------------------


def test_more_seeds_join_those_of_the_same_program_on_the_same_device() -> None:
    more = of(0.04)
    more["seeds"][0]["seed"] = 9
    joined = merging.together(of(0.01, 0.02, ensemble={"test_error": 0.0}), more)
    assert [seed["seed"] for seed in joined["seeds"]] == [0, 1, 9]
    assert "ensemble" not in joined  # of two of the three


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("command", "another"),
        ("code", "another"),
        ("environment", {"gpu": "another"}),
        ("environment", {"gpu": "none", "cpu": "another"}),
    ],
)
def test_seeds_of_something_else_are_refused(what: str, other: Any) -> None:
    with pytest.raises(SystemExit, match=f"expected the {what} of"):
        merging.together(of(0.01), of(0.02) | {what: other})


def test_seeds_of_a_gpu_in_another_host_are_put_together() -> None:
    hosts = [{"gpu": "NVIDIA H100", "cpu": f"{cores} cores", "git_commit": cores} for cores in "12"]
    first, second = of(0.01) | {"environment": hosts[0]}, of(0.04) | {"environment": hosts[1]}
    second["seeds"][0]["seed"] = 9
    assert len(merging.together(first, second)["seeds"]) == 2


def test_seeds_of_another_gpu_are_put_together_where_asked_and_say_so() -> None:
    first, second = of(0.01, 0.02), of(0.04)
    first["environment"], second["environment"] = {"gpu": "NVIDIA H200"}, {"gpu": "NVIDIA H100"}
    second["seeds"][0]["seed"] = 9
    joined = merging.together(first, second, other_gpu=True) | {"date": "2026-11-27"}
    assert [seed["gpu"][-4:] for seed in joined["seeds"]] == ["H200", "H200", "H100"]
    shown = table._with_header("# command   x\n", joined, None)
    assert "# hardware  NVIDIA H100 (1 of 3 seeds) and NVIDIA H200 (2 of 3 seeds), " in shown
    assert "# duration" not in shown
    third = of(0.03) | {"environment": {"gpu": "none", "cpu": "8 cores"}}
    third["seeds"][0]["seed"] = 10
    with pytest.raises(SystemExit, match="expected the environment of"):
        merging.together(joined, third, other_gpu=True)


def test_seeds_of_another_version_of_the_code_are_put_together_where_asked_and_say_so() -> None:
    first = of(0.01, 0.02) | {"code": "old", "settings": "a"}
    second = of(0.04) | {"code": "new", "settings": "b"}
    second["seeds"][0]["seed"] = 9
    with pytest.raises(SystemExit, match="expected the code, settings of"):
        merging.together(first, second)
    joined = merging.together(first, second, other_code=True)
    assert [(one["code"], one["settings"]) for one in joined["seeds"]] == [
        *[("old", "a")] * 2,
        ("new", "b"),
    ]
    assert not {"code", "settings"} & joined.keys()
    with pytest.raises(SystemExit, match="expected the command of"):
        merging.together(first, second | {"command": "another"}, other_code=True)


def test_seeds_of_other_settings_are_refused_where_both_say_theirs() -> None:
    first, second = of(0.01) | {"settings": "a"}, of(0.02) | {"settings": "b"}
    second["seeds"][0]["seed"] = 9
    with pytest.raises(SystemExit, match="expected the settings of"):
        merging.together(first, second)


@pytest.mark.parametrize("older_first", [False, True])
def test_seeds_without_settings_are_not_said_to_have_those_of_others(older_first: bool) -> None:
    older, newer = of(0.01), of(0.02) | {"settings": "a"}
    newer["seeds"][0]["seed"] = 9
    joined = merging.together(*((older, newer) if older_first else (newer, older)))
    assert "settings" not in joined
    assert {seed["seed"]: seed.get("settings") for seed in joined["seeds"]} == {0: None, 9: "a"}
    third = of(0.03) | {"settings": "b"}
    third["seeds"][0]["seed"] = 10
    with pytest.raises(SystemExit, match="expected the settings of"):
        merging.together(joined, third)


def test_the_settings_of_a_result_are_those_of_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "environment.json").write_text("{}")
    settings = [
        run.result_in(run.planned("command", ["model=lenet", *more]), tmp_path)["settings"]
        for more in ([], ["seed=3"], ["model.features_dropout=0.1"])
    ]
    assert settings[0] == settings[1] != settings[2]


def test_settings_are_those_that_the_training_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "conf/experiment/mine.yaml"

    def edited(command: list[str], check: bool) -> None:
        folder = Path(command[-1].removeprefix("hydra.run.dir="))
        (folder / "environment.json").write_text("{}")
        (folder / "report.json").write_text('{"seed": 0}')
        own.write_text(own.read_text().replace("epochs: 1", "epochs: 2"))

    own.parent.mkdir(parents=True)
    own.write_text("# @package _global_\ntraining:\n  epochs: 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "RESULTS", tmp_path)
    monkeypatch.setattr(subprocess, "run", edited)
    monkeypatch.setattr(label_errors, "wrong_images", lambda _: {})
    monkeypatch.setattr("sys.argv", ["run", "mine", "--seeds", "1"])
    settings = []
    for text in ("epochs: 1", "epochs: 2"):
        assert text in own.read_text()
        run.main()
        settings.append(json.loads((tmp_path / "mine.json").read_text())["settings"])
    assert settings[0] != settings[1]


def test_the_same_seed_is_not_counted_twice() -> None:
    with pytest.raises(SystemExit, match=r"seeds \[0\]"):
        merging.together(of(0.01), of(0.01))


def test_what_was_interrupted_is_no_row_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").mkdir()
    for name in ("cnn1", "cnn1.interrupted"):
        (tmp_path / f"results/{name}.json").write_text("{}")
    monkeypatch.setattr(table, "HERE", tmp_path)
    assert [*table._results()] == ["cnn1"]
