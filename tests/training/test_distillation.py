"""Distillation: what networks learn from others, and which others are refused."""

from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from calling import call
from numpy.typing import NDArray
from omegaconf import OmegaConf

from runner import __main__ as program
from runner.base.device import Device
from runner.base.errors import ConfigurationError
from runner.base.option_types import Loss
from runner.base.tasks import Classification, MultiLabel, Task
from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TrainSplit
from runner.run import recorder
from runner.run.earlier_networks import find_earlier
from runner.run.fingerprint import fingerprint
from runner.run.learning_rate_finder import main as lr_find
from runner.tracking.found_run import CONFIGURATION
from runner.training.augmentation import Augmentation
from runner.training.distillation import load_teachers, taught
from runner.training.trained import Training
from runner.training.trainer import Trainer
from training.test_seeds_together import (
    CPU,
    NETWORKS,
    SEEDS,
    SGD,
    TOLERANCE,
    XLA,
    assert_alike,
    fit_seeds,
    small,
)

Configure = Callable[..., Config]
TAUGHT = "training.distillation={teacher: anywhere, weight: 0.3}"
LABELS = np.eye(3, dtype=np.float32)[[0, 2, 1, 1]]


def teacher(configure: Configure, *options: str, classes: int = 3, seed: int = 1) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return configure("model=dense", "model.hidden_units=[8]", *options).model((4, 4, 1), classes)


def images(seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(0, 255, (4, 4, 4, 1)).astype(np.float32)


def brighter(x: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
    del version, seed
    return x + 50.0, targets


def learned(
    teachers: list[keras.Model], weight: float, targets: NDArray[Any], task: Task
) -> NDArray[np.float32]:
    change = taught(Augmentation(brighter, copies=2), teachers, weight, task, xla=False)
    assert (change.copies, change.mixes_targets) == (2, True)
    seen, found = change.apply(tf.constant(images()), tf.constant(targets), None, None)
    np.testing.assert_array_equal(seen, images() + 50.0)
    return np.asarray(found)


# --- what is learned ---------------------------------------------------------------------------


def test_targets_are_a_mean_with_what_teachers_give_for_the_changed_image(
    configure: Configure,
) -> None:
    both = [teacher(configure), teacher(configure, seed=2)]
    given = np.mean([np.asarray(one(images() + 50.0)) for one in both], axis=0)
    found = learned(both, 0.3, LABELS, Classification(["a", "b", "c"]))
    np.testing.assert_allclose(found, 0.7 * LABELS + 0.3 * given, rtol=1e-5)
    assert np.abs(given - np.asarray(both[0](images()))).max() > 0.01


def test_without_weight_the_targets_stay_as_they_are(configure: Configure) -> None:
    found = learned([teacher(configure)], 0.0, LABELS, Classification(["a", "b", "c"]))
    np.testing.assert_array_equal(found, LABELS)


@pytest.mark.parametrize(
    ("task", "function"),
    [
        (Classification(["a", "b", "c"]), tf.nn.softmax),
        (MultiLabel(["a", "b", "c"]), tf.sigmoid),
    ],
)
def test_logits_become_the_probabilities_that_the_task_has(
    task: Task, function: Callable[[Any], Any], configure: Configure
) -> None:
    one = teacher(configure, "model.output_activation=logits")
    found = learned([one], 1.0, LABELS, task)
    np.testing.assert_allclose(found, function(one(images() + 50.0)), rtol=1e-5)


def elsewhere(path: Path, *, scaled: bool = True, side: int = 4, classes: int = 3) -> keras.Model:
    """Save a network as Keras alone makes it: its last layer is linear, its loss has the softmax"""
    pixels = keras.layers.Input((side, side, 1))
    x = keras.layers.Rescaling(1 / 255)(pixels) if scaled else pixels
    x = keras.layers.Dense(classes)(keras.layers.Flatten()(x))
    network = keras.Model(pixels, x)
    network.save(path)
    return network


def load(paths: list[Path], student: keras.Model, loss: Loss = "categorical_crossentropy") -> Any:
    return load_teachers(paths, student, Classification(["a", "b", "c"]), loss)


@pytest.mark.parametrize("name", ["teacher.keras", "teacher.h5"])
def test_logits_of_a_network_from_elsewhere_become_probabilities(
    name: str, configure: Configure, tmp_path: Path
) -> None:
    one = elsewhere(tmp_path / name)
    (found,) = load([tmp_path / name], teacher(configure))
    np.testing.assert_allclose(found(images()), tf.nn.softmax(one(images())), rtol=1e-5)
    (as_it_is,) = load([tmp_path / name], teacher(configure), "mean_squared_error")
    np.testing.assert_allclose(as_it_is(images()), one(images()), rtol=1e-5)


def saved(configure: Configure, data: Dataset, folder: Path, *options: str) -> list[Path]:
    """Train two networks for an epoch, and save them."""
    config = configure(*NETWORKS["dense"], "training.epochs=1", *options)
    one = Trainer(config, data.train, None, data.task, CPU)
    paths = [folder / f"{seed}.keras" for seed in (7, 8)]
    for seed, path in zip((7, 8), paths, strict=True):
        one.fit(seed, []).model.save(path)
    return paths


def student(
    configure: Configure,
    data: Dataset,
    teachers: list[Path],
    *options: str,
    together: int = 1,
    device: Device = CPU,
) -> Trainer:
    config = configure(*NETWORKS["dense"], TAUGHT, *options)
    config = replace(config, seeds=SEEDS, seeds_together=together)
    some, remaining = small(data), len(SEEDS)
    return Trainer(
        config, some.train, None, some.task, device, remaining=remaining, teachers=teachers
    )


@pytest.mark.parametrize("device", [CPU, XLA])
def test_the_loss_is_that_of_the_mean(
    device: Device, configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    paths = saved(configure, digits, tmp_path)
    options = ("training.epochs=1", "training.batch_size=150", "optimizer.learning_rate=1e-12")
    training = student(configure, digits, paths, *options, device=device).fit(3, [])
    seen, labels = small(digits).train.images, small(digits).train.labels
    teachers = [keras.models.load_model(path) for path in paths]
    given = np.mean([np.asarray(one(seen.astype(np.float32))) for one in teachers], axis=0)
    targets = 0.7 * np.eye(10)[labels] + 0.3 * given
    outputs = np.asarray(training.model(seen.astype(np.float32)))
    expected = -(targets * np.log(outputs)).sum(axis=1).mean()
    assert training.history["loss"] == pytest.approx([expected], rel=1e-4)


def test_each_seed_learns_as_if_alone(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    paths = saved(configure, digits, tmp_path)
    options = ("training.epochs=2", "training.batch_size=50", "augmentation=affine", *SGD)
    found = []
    for together in (1, 3):
        several = student(configure, digits, paths, *options, together=together)
        assert several.seeds == together
        found.append(fit_seeds(several))
    assert_alike(found[1], found[0], TOLERANCE)


def test_what_a_teacher_alone_says_is_learned(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    """With all weight on a teacher of shuffled labels, the student makes the teacher's errors."""
    shuffled = TrainSplit(digits.train.images, (digits.train.labels + 1) % 10)
    paths = saved(configure, replace(digits, train=shuffled), tmp_path, "training.epochs=30")
    config = configure(
        *NETWORKS["dense"],
        "training.distillation={teacher: anywhere, weight: 1}",
        "training.epochs=30",
    )
    training: Training = Trainer(config, digits.train, None, digits.task, CPU, teachers=paths).fit(
        0, []
    )
    answers = np.asarray(training.model(digits.train.images.astype(np.float32))).argmax(axis=1)
    assert (answers == shuffled.labels).mean() > 0.8


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "classes", "words"),
    [((), 4, "gives 4 values"), (("model.hidden_units=[4]",), 3, "")],
)
def test_a_teacher_of_other_outputs_is_refused(
    options: tuple[str, ...], classes: int, words: str, configure: Configure, tmp_path: Path
) -> None:
    path = tmp_path / "teacher.keras"
    teacher(configure, *options, classes=classes).save(path)
    if not words:  # other layers are welcome
        assert len(load([path, path], teacher(configure))) == 2
        return
    with pytest.raises(ConfigurationError, match=words) as refused:
        load([path], teacher(configure))
    assert "gives 3; choose a teacher of the same data and loss" in str(refused.value)


@pytest.mark.parametrize(
    ("inputs", "outputs", "words"),
    [(2, 1, "has 2 inputs and 1 outputs"), (1, 2, "has 1 inputs and 2 outputs")],
)
def test_a_teacher_of_several_inputs_or_outputs_is_refused(
    inputs: int, outputs: int, words: str, configure: Configure, tmp_path: Path
) -> None:
    seen = [keras.layers.Input((4, 4, 1)) for _ in range(inputs)]
    flat = keras.layers.Flatten()(seen[0] if inputs == 1 else keras.layers.Add()(seen))
    path = tmp_path / "teacher.keras"
    keras.Model(seen, [keras.layers.Dense(3)(flat) for _ in range(outputs)]).save(path)
    with pytest.raises(ConfigurationError, match=words):
        load([path], teacher(configure))


def test_a_loss_of_labels_alone_is_refused(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match=r"training\.distillation mixes labels"):
        configure(TAUGHT, "training.loss=sparse_categorical_crossentropy")


# --- as a user does it -------------------------------------------------------------------------

FEW = ("device=cpu", "dataset.train_size=300", "training.epochs=1", "figures=[]", "tracking=folder")
DENSE = ("model=dense", "model.hidden_units=[8]")


def run(*options: str) -> Any:
    return call(program.main, *DENSE, *FEW, *options)


@pytest.fixture
def here(tmp_path: Path, eagerly: None) -> Any:
    """A folder with the run of two seeds that is called `t`."""
    del eagerly
    with chdir(tmp_path):
        done = run("seeds=2", "hydra.run.dir=t", "tracking.run_name=t")
        assert done.code == 0, done.error
        yield tmp_path


def test_a_run_teaches_with_all_of_its_networks(here: Path) -> None:
    done = run("training.distillation.teacher=t", "hydra.run.dir=s", "seeds=2")
    assert done.code == 0, done.error
    assert "learns of 2 networks" in done.out
    named = OmegaConf.load(here / "s" / CONFIGURATION).training.distillation.teacher
    assert Path(named).resolve() == (here / "t").resolve()
    portuguese = run("training.distillation.teacher=t", "language=pt")
    assert "aprende de 2 redes" in portuguese.out
    one = run("training.distillation.teacher=t/seed-1", "hydra.run.dir=one")
    assert one.code == 0, one.error
    assert "learns of " in one.out
    assert "2 networks" not in one.out


def test_each_seed_logs_the_teacher_by_the_name_that_lasts(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = []
    monkeypatch.setattr(
        recorder, "describe_run", lambda _, config, *more: logged.append((config, more[-1]))
    )
    done = run("training.distillation.teacher=t", "hydra.run.dir=s", "seeds=2")
    assert done.code == 0, done.error
    assert [seed for _, seed in logged] == [0, 1]
    named = {config.training.distillation.teacher for config, _ in logged}
    assert named == {str((here / "t").resolve())}


def test_images_that_a_teacher_was_trained_on_are_not_validated_with(here: Path) -> None:
    del here
    more = "dataset.validation_fraction=0.2"
    refused = run("training.distillation.teacher=t", more)
    assert "training.distillation.teacher=t: images it was trained on" in refused.refusal
    other = run("dataset=fashion", "training.distillation.teacher=t")
    assert "its outputs stand for 0, 1, 2" in other.refusal
    unknown = run("training.distillation.teacher=nobody")
    assert "training.distillation.teacher=nobody: no file or folder" in unknown.refusal


def test_values_that_are_no_probabilities_are_learned_by_the_squared_error_alone(
    here: Path,
) -> None:
    squared = "training.loss=mean_squared_error"
    done = run(squared, "model.output_activation=linear", "hydra.run.dir=l")
    assert done.code == 0, done.error
    refused = run("training.distillation.teacher=l")
    assert "training.distillation.teacher=l: its outputs are no probabilities" in refused.refusal
    for name in ("l", "t"):
        taught = run(f"training.distillation={{teacher: {name}}}", squared)
        assert taught.code == 0, taught.error
    del here


def test_a_file_from_elsewhere_teaches_if_it_scales_its_pixels(here: Path) -> None:
    for name in ("scaled.h5", "scaled.keras", "raw.keras"):
        elsewhere(here / name, scaled="raw" not in name, side=28, classes=10)
    for name in ("scaled.h5", "scaled.keras"):
        done = run(f"training.distillation={{teacher: {name}}}")
        assert done.code == 0, done.error
    refused = run("training.distillation={teacher: raw.keras}")
    assert "raw.keras has no normalization layer, and is given pixels" in refused.refusal


def test_a_backbone_that_is_fine_tuned_alone_is_taught_too(configure: Configure) -> None:
    tuned = "training.fine_tuning={layers: 2, epochs: 1}"
    mobile = ("model=mobilenet", "model.weights=null", "training.epochs=0")
    with pytest.raises(ConfigurationError, match="nobody"):
        find_earlier(configure(*mobile, tuned, "training.distillation.teacher=nobody"))
    untrained = configure(*mobile, "training.distillation.teacher=nobody")
    assert not find_earlier(untrained).found


def test_a_learning_rate_is_looked_for_with_teachers(here: Path) -> None:
    del here
    few = ("dataset.train_size=300", "training.epochs=20", "training.steps_per_epoch=1")
    options = (*DENSE, "device=cpu", *few, "tracking=folder")
    found = call(lr_find, *options, "training.distillation.teacher=t")
    assert found.code == 0, found.error
    assert "optimizer.learning_rate=" in found.out


def test_the_result_depends_on_the_teachers_and_their_weight_not_on_their_name(
    here: Path, configure: Configure
) -> None:
    def of(teacher: str, weight: float = 0.5) -> str:
        chosen = f"training.distillation={{teacher: {teacher}, weight: {weight}}}"
        config = configure(*DENSE, *FEW, chosen)
        return fingerprint(config, [0], find_earlier(config).digests([0]))

    assert of("t") == of(str(here / "t"))
    assert len({of("t"), of("t/seed-1"), of("t", 0.6)}) == 3


def test_a_sweep_may_not_learn_of_what_is_the_latest_run_now(here: Path) -> None:
    del here
    options = (*DENSE, *FEW, "training.distillation.teacher=latest", "seed=1,2")
    refused = call(program.main, "-m", *options)
    assert "training.distillation.teacher=latest: when the sweep goes on" in refused.refusal
