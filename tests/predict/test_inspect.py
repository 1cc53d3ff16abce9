"""Figures of trained networks, drawn later: `python -m runner.inspect`."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mlflow
import numpy as np
import pytest
from calling import call
from PIL import Image, ImageSequence

from predict.inspected_runs import Inspect, folder_of, runs
from runner import __main__ as program
from runner.config.run_config import CONF
from runner.predict import __main__ as predict_command
from runner.predict.inspection import main


def artifacts(workspace: Path, name: str) -> set[str]:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    run_id = runs(workspace)[name].info.run_id
    return {Path(file.path).name for file in client.list_artifacts(run_id, "figures")}


# --- a network for other programs ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.h5", "new/model.keras"])
def test_a_network_is_saved_for_other_programs(
    workspace: Path, inspect: Inspect, tmp_path: Path, name: str
) -> None:
    said = inspect("one", "--save", tmp_path / name)
    assert said.code == 0, said.error
    assert said.drawn == []
    saved = keras.models.load_model(tmp_path / name)
    own = keras.models.load_model(folder_of(workspace, "one") / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1)).astype(np.float32)
    np.testing.assert_array_equal(saved.predict(images), own.predict(images))


def test_another_kind_of_file_is_refused(refused: Callable[..., str]) -> None:
    assert "ends in .h5 or .keras, got m.pt" in refused("one", "--save", "m.pt")


# --- finding a network -----------------------------------------------------------------------


def test_a_run_is_found_by_name_id_folder_and_file(workspace: Path, inspect: Inspect) -> None:
    run_id, folder = runs(workspace)["one"].info.run_id, folder_of(workspace, "one")
    for word in ("one", run_id, run_id[:12], folder, folder / "model.keras"):
        said = inspect(word, "first-filters")
        assert said.code == 0, said.error
        assert said.drawn == [folder / "figures/first-filters.png"]
        assert run_id in said.out
    assert "first-filters.png" in artifacts(workspace, "one")


def test_no_figure_of_the_run_is_replaced(
    workspace: Path, inspect: Inspect, tmp_path: Path
) -> None:
    folder = folder_of(workspace, "one")
    first = inspect("one", "class-activation").drawn
    assert first == [folder / "figures/class-activation.png"]
    own = first[0].read_bytes()
    Image.new("L", (28, 28), 200).save(tmp_path / "own.png")
    chosen = ("one", "class-activation", "--files", tmp_path / "own.png")
    for _ in range(2):  # the same figure again is the same file
        assert inspect(*chosen).drawn == [folder / "figures-2/class-activation.png"]
    assert first[0].read_bytes() == own
    assert inspect("one", "class-activation").drawn == first
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    stored = client.list_artifacts(runs(workspace)["one"].info.run_id, "figures-2")
    assert [file.path for file in stored] == ["figures-2/class-activation.png"]


def test_latest_is_the_newest_run_and_its_first_seed(workspace: Path, inspect: Inspect) -> None:
    said = inspect("latest", "architecture")
    assert said.drawn == [folder_of(workspace, "two") / "seed-3/figures/architecture.png"]
    assert "architecture.png" in artifacts(workspace, "two-seed-3")


def test_a_seed_is_chosen(workspace: Path, inspect: Inspect) -> None:
    folder = folder_of(workspace, "two")
    for arguments in (("two", "--seed", 5), ("two-seed-5",), (folder / "seed-5",)):
        assert inspect(*arguments, "roc", "first-filters").drawn == [
            folder / "seed-5/figures/first-filters.png"
        ]


def test_without_its_folder_a_run_is_fetched_from_mlflow(
    workspace: Path, inspect: Inspect, refused: Callable[..., str]
) -> None:
    folder = folder_of(workspace, "one")
    away = folder.rename(folder.with_name("away"))
    lost = folder_of(workspace, "two").rename(folder.with_name("lost"))
    try:
        said = inspect("one")
        names = {path.name for path in said.drawn}
        assert "the store holds no network" in refused("two")
    finally:
        away.rename(folder)
        lost.rename(folder_of(workspace, "two"))
    assert names == {"filter-animation.gif", "augmentation.png"}


def test_what_cannot_be_found_is_said(workspace: Path, refused: Callable[..., str]) -> None:
    assert "did you mean latest" in refused("lates")
    assert "did you mean two-seed-3" in refused("two-sed-3")
    assert "no such file" in refused("nothing.keras")
    assert "no model.keras" in refused("outputs")
    assert "has the seeds 3, 5" in refused("two", "--seed", 4)
    assert "one seed only" in refused("one", "--seed", 4)
    assert "RUN" in refused()


def test_an_ambiguous_id_is_refused(workspace: Path, refused: Callable[..., str]) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    experiment = runs(workspace)["one"].info.experiment_id
    while True:  # ids are random: until two begin with the same digit
        client.create_run(experiment)
        ids = [run.info.run_id for run in client.search_runs([experiment])]
        firsts = [run_id[0] for run_id in ids]
        twice = [digit for digit in firsts if firsts.count(digit) > 1]
        if twice:
            break
    assert "runs begin so" in refused(twice[0])


def test_an_unfinished_run_is_refused(workspace: Path, refused: Callable[..., str]) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    experiment = runs(workspace)["one"].info.experiment_id
    broken = client.create_run(experiment, tags={"level": "job"}, run_name="broken")
    client.set_terminated(broken.info.run_id, "FAILED")
    assert "this job is FAILED" in refused("broken")


def test_without_a_store_it_says_where_to_look(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "runner.inspect", "latest"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "outputs/mlflow.db" in said.stderr
    assert list(tmp_path.iterdir()) == []


# --- choosing figures ------------------------------------------------------------------------


def test_without_names_the_configured_figures_are_drawn(
    workspace: Path, inspect: Inspect, tmp_path: Path
) -> None:
    said = inspect("one", "--output", tmp_path)
    assert {path.name for path in said.drawn} == {"filter-animation.gif", "augmentation.png"}
    assert {path.name for path in tmp_path.iterdir()} == {
        "filter-animation.gif",
        "augmentation.png",
    }


def test_a_run_without_figures_gets_the_usual_ones(inspect: Inspect, tmp_path: Path) -> None:
    said = inspect("two", "--output", tmp_path)
    assert "left the test images untouched" in said.out
    names = {path.stem for path in said.drawn}
    assert names == {"learning-curves", "confusion-matrix", "misclassified", "first-test-images"}


def test_options_are_those_of_the_configuration(inspect: Inspect, tmp_path: Path) -> None:
    options = ("feature-maps.layers=[convolution_1,pooling_2]", "misclassified.limit=3")
    said = inspect("one", *options, "--output", tmp_path)
    names = {path.name for path in said.drawn}
    assert names == {"feature-maps-1.png", "feature-maps-2.png", "misclassified.png"}
    few = (tmp_path / "misclassified.png").stat().st_size
    inspect("one", "misclassified", "--output", tmp_path)
    assert (tmp_path / "misclassified.png").stat().st_size > 3 * few


def test_wrong_figures_and_options_are_refused(refused: Callable[..., str]) -> None:
    assert "did you mean confusion-matrix" in refused("one", "conf-matrix")
    assert "did you mean figures.feature-maps.layers" in refused("one", "feature-maps.layrs=[1]")
    assert "greater than or equal to 1" in refused("one", "feature-maps.limit=0")
    wrong = refused("one", "feature-maps.layers=[convolution_9]")
    assert "did you mean convolution_2 or convolution_1" in wrong


def test_a_figure_that_does_not_apply_is_said(inspect: Inspect) -> None:
    said = inspect("two", "filter-evolution")
    assert said.code == 1
    assert "not drawn filter-evolution: recorded in a training whose figures= names it" in said.out


def test_why_a_figure_is_not_drawn_is_said(inspect: Inspect) -> None:
    said = inspect("one", "predicted-against-true", "wrong-in-seeds", "label-confusion")
    assert said.code == 1
    assert "not drawn predicted-against-true: made for numbers" in said.out
    assert "not drawn wrong-in-seeds: made for several seeds" in said.out
    assert "not drawn label-confusion: made for numbers or several labels" in said.out
    said = inspect("one", "decision-regions", "--language", "pt")
    assert "ausente   decision-regions: feitas para duas características" in said.out


def test_figures_show_what_the_run_reported(
    workspace: Path, inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runner.figures import confusion_matrix

    seen: list[Any] = []
    draw = confusion_matrix.draw_confusion_matrix

    def watched(counts: Any, names: list[str], subtitle: str, language: Any) -> Any:
        seen.append((counts, subtitle, language))
        return draw(counts, names, subtitle, language)

    monkeypatch.setattr(confusion_matrix, "draw_confusion_matrix", watched)
    inspect("one", "confusion-matrix", "--language", "pt")
    ((counts, subtitle, language),) = seen
    report = json.loads((folder_of(workspace, "one") / "report.json").read_text())
    assert counts.sum() - counts.trace() == report["test_errors"]
    assert language == "pt"
    wrong = subtitle.partition(" de ")[0].replace("\N{NARROW NO-BREAK SPACE}", "")
    assert wrong == str(report["test_errors"])


def test_the_animation_of_a_run_plays(workspace: Path) -> None:
    folder = folder_of(workspace, "one")
    with Image.open(folder / "figures/filter-animation.gif") as gif:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(gif)]
        assert gif.info["loop"] == 0
    assert len(frames) == 3
    assert (frames[0] != frames[-1]).mean() > 0.001
    with np.load(folder / "kernels.npz", allow_pickle=False) as kept:
        kernels = kept["kernels"]
    assert kernels.shape == (3, 5, 5, 1, 4)
    network = keras.models.load_model(folder / "model.keras", compile=False)
    np.testing.assert_array_equal(kernels[-1], network.get_layer("convolution_1").get_weights()[0])
    assert not (folder_of(workspace, "two") / "seed-3/kernels.npz").exists()


# --- choosing images -------------------------------------------------------------------------


def test_test_images_are_chosen_by_index_or_class(inspect: Inspect) -> None:
    labels = {"2 (#1)", "7 (#17)"}
    said = inspect("one", "--images", "1,17")
    assert {line.partition(":")[0] for line in said.out.splitlines()} >= labels
    names = {path.stem for path in said.drawn}
    assert names == {"class-activation", "feature-maps-1", "feature-maps-2"}
    for arguments in (("--digits", "1,1,3,3"), ("--classes", "1,3", "--each", "2")):
        said = inspect("one", "class-activation", *arguments)
        shown = [line.partition(":")[0] for line in said.out.splitlines() if "(#" in line]
        assert shown == ["1 (#2)", "1 (#5)", "3 (#18)", "3 (#30)"]


def test_the_users_own_pictures_are_read(inspect: Inspect, tmp_path: Path) -> None:
    paper = np.full((90, 120, 3), 250, np.uint8)
    paper[20:70, 58:64] = 0
    Image.fromarray(paper).save(tmp_path / "stroke.png")
    Image.fromarray(paper).save(tmp_path / "stroke.jpg")
    said = inspect(
        "one", "feature-maps", "--files", tmp_path / "stroke.png", tmp_path / "stroke.jpg"
    )
    assert said.code == 0
    shown = [line.partition(":")[0] for line in said.out.splitlines() if line[:6] == "stroke"]
    assert shown == ["stroke.png", "stroke.jpg"]
    assert len(said.drawn) == 2


def test_pictures_in_a_folder_are_read_too(inspect: Inspect, tmp_path: Path) -> None:
    paper = np.full((90, 120, 3), 250, np.uint8)
    paper[20:70, 58:64] = 0
    for name in ("b.png", "a.jpg"):
        Image.fromarray(paper).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    np.save(tmp_path / "no-picture.npy", np.zeros(3))
    said = inspect("one", "feature-maps", "--files", tmp_path)
    assert said.code == 0
    shown = [line.partition(":")[0] for line in said.out.splitlines() if line[1:2] == "."]
    assert shown == ["a.jpg", "b.png"]


def test_wrong_images_are_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    assert "from 0 to 9999" in refused("one", "--images", "3,10000")
    assert "list of numbers" in refused("one", "--images", "3,x")
    assert "there is no class '12'" in refused("one", "--classes", "12")
    assert "no picture, or of a kind" in refused("one", "--files", tmp_path / "text.png")
    assert "not allowed with" in refused("one", "--images", "3", "--classes", "1")


def test_help_lists_every_figure_without_tensorflow() -> None:
    script = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from runner.inspect import main\n"
        "heavy = {'tensorflow', 'keras', 'mlflow', 'matplotlib', 'sklearn'}\n"
        "try: sys.exit(main())\n"
        "finally: print(heavy & set(sys.modules))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=CONF.parent
    ).stdout
    assert all(f"  {path.stem} " in said for path in (CONF / "figures").glob("*.yaml"))
    assert said.endswith("set()\n")


def test_a_network_that_was_not_trained_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(program.main, "experiment=architecture", "figures=[]", "tracking=folder").code == 0
    said = "note: this network was not trained"
    assert said in call(main, "latest", "architecture").out
    Image.new("L", (28, 28), 200).save("own.png")
    assert said in call(predict_command.main, "latest", "own.png").error


def test_a_file_that_is_there_is_not_replaced_by_a_saved_network(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "cnn1.h5").write_bytes(b"the one of the course")
    assert "it is there already" in refused("one", "--save", tmp_path / "cnn1.h5")
    assert (tmp_path / "cnn1.h5").read_bytes() == b"the one of the course"
