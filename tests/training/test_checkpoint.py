"""A training that goes on from a checkpoint ends bit for bit as one that was never stopped."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from transferring import CPU, SMALL, Said, assert_same, network, weights

from runner import datasets
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.figures.filter_evolution import KernelHistory
from runner.training.callback_state import Arrays, pack_state, unpack_state
from runner.training.callbacks import checkpoint, early_stopping
from runner.training.checkpoint import Checkpoints
from runner.training.checkpoint_file import Checkpoint
from runner.training.observer import History, Observer
from runner.training.schedules import plateau
from runner.training.stage import Stage
from runner.training.trained import Training
from runner.training.trainer import Trainer

Configure = Callable[..., Config]
UNREADABLE = (
    "note: {} is damaged, or was written by another version of the program: "
    "the training starts anew"
)
DENSE = ("model=dense", "model.hidden_units=[16]", "model.hidden_dropout=0.5")
LENET = (
    *("model=lenet", "model.filters=[3,4]", "model.hidden_units=[16]"),
    *("model.features_dropout=0.3", "model.hidden_dropout=0.5"),
)
STEEP = (  # the rate falls, and training stops early, some epochs after the interruption
    *("schedule=plateau", "schedule.monitor=val_loss", "schedule.patience=1"),
    *("callbacks=early-stopping", "callbacks.early-stopping.patience=3"),
    *("optimizer.learning_rate=0.1", "training.epochs=20"),
)
SIZES = ("training.batch_size=64", "training.epochs=5")  # 500 images: the last batch has 52
TRAININGS = {
    "dense dropout affine plateau early-stopping": (*DENSE, "augmentation=affine", *STEEP),
    "lenet dropout affine plateau early-stopping": (*LENET, "augmentation=affine", *STEEP),
    "cosine ema": (*DENSE, "schedule=cosine", "schedule.warmup_epochs=1", "optimizer.ema=0.9"),
    "one-cycle nesterov": (
        *(*DENSE, "schedule=one-cycle", "optimizer=sgd", "optimizer.momentum=0.9"),
        "optimizer.nesterov=true",
    ),
    "mixup streamed": (*DENSE, "augmentation=mixup", "training.device_data_gb=0"),
    "vgg batch normalization rmsprop": (
        *("model=vgg-3x3", "model.filters=[4,6]", "model.hidden_units=[8]", "optimizer=rmsprop"),
        *("optimizer.centered=true", "training.epochs=3"),
    ),
}


class Stop(Observer):
    """Ends the process, as far as a test can, when an epoch begins."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == self._epoch:
            raise KeyboardInterrupt


def trainer(config: Config, data: Dataset) -> Trainer:
    return Trainer(config, data.train, data.validation, data.task, CPU)


def interrupt(one: Trainer, seed: int, epoch: int, path: Path, *observers: Observer) -> None:
    with pytest.raises(KeyboardInterrupt):
        one.fit(seed, [*observers, Stop(epoch)], None, Checkpoints(path, 0, "this"))


def go_on(one: Trainer, seed: int, path: Path, *observers: Observer) -> Training:
    said = Said()
    training = one.fit(seed, list(observers), None, Checkpoints(path, 0, "this", said))
    assert len(said) == 1
    assert said[0].startswith("goes on   from")
    return training


def of(training: Training) -> tuple[list[NDArray[Any]], dict[str, list[float]]]:
    return weights(training), {name: [*values] for name, values in training.history.items()}


LONG = (
    *("mixup streamed", "one-cycle nesterov", "vgg batch normalization rmsprop"),
    "lenet dropout affine plateau early-stopping",  # what figures recorded of one goes on below
)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in TRAININGS],
)
def test_it_ends_as_if_it_had_not_been_stopped(
    name: str, configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    config = configure(*SIZES, *TRAININGS[name], "dataset.validation_fraction=0.1", "seed=3")
    first, path = trainer(config, digits), tmp_path / "checkpoint.npz"
    expected, history = of(first.fit(3, []))
    epochs = len(history["loss"])
    if "early" in name:
        assert 3 < epochs < 20
        assert len(set(history["learning_rate"])) > 1
    interrupt(first, 3, 2, path)
    second = go_on(trainer(config, digits), 3, path)
    assert_same(weights(second), expected)
    assert second.history == history
    assert len(second.epoch_seconds) == epochs


def test_a_full_disk_ends_no_training(
    configure: Configure, digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Checkpoint, "write", full)
    one, said = trainer(configure(*DENSE, *SIZES, "training.epochs=2"), digits), Said()
    training = one.fit(3, [], None, Checkpoints(tmp_path / "checkpoint.npz", 0, "this", said))
    assert len(training.history["loss"]) == len(said) == 2
    assert "no checkpoint could be written: [Errno 28] No space left on device" in said[0]


def test_every_epoch_is_one_to_go_on_from(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    config = configure(*SIZES, *DENSE, *STEEP, "dataset.validation_fraction=0.1", "seeds=[0,4]")
    one, path = trainer(config, digits), tmp_path / "checkpoint.npz"
    expected, history = of(one.fit(4, []))
    for epoch in range(1, len(history["loss"])):
        path.unlink(missing_ok=True)
        interrupt(one, 4, epoch, path)
        one.fit(0, [])  # another seed must not matter
        assert_same(weights(go_on(one, 4, path)), expected)
    assert Checkpoint.read(path).values == history
    again = go_on(one, 4, path)  # it stopped early, and does not go on after that
    assert_same(weights(again), expected)
    assert again.history == history


@pytest.mark.parametrize(
    "overrides",
    [(), pytest.param(("augmentation=flip", "callbacks=early-stopping"), marks=pytest.mark.slow)],
)
def test_each_stage_of_fine_tuning_goes_on(
    overrides: tuple[str, ...], configure: Configure, tmp_path: Path
) -> None:
    tuned = "training.fine_tuning={layers: 4, epochs: 2, learning_rate: 1e-3}"
    config = configure(*SMALL, "model=inception-resnet-v2", tuned, *overrides)
    small = replace(config, model=Component(network, {"inner_dropout": 0.2}))
    data = datasets.load(config.dataset)
    one, other, path = trainer(small, data), trainer(small, data), tmp_path / "checkpoint.npz"
    expected, history = of(one.fit(0, []))
    assert history["stage"] == [1, 1, 1, 2, 2]
    for epoch in (1, 3, 4):  # in the first stage, between them, in the second
        path.unlink(missing_ok=True)
        interrupt(one, 0, epoch, path)
        training = go_on(other, 0, path)
        assert_same(weights(training), expected)
        assert training.history == history


def test_seeds_that_are_trained_at_once_go_on_and_one_of_them_begins_anew(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    at_once = ("seeds=[3,4,5]", "seeds_together=3", "optimizer.learning_rate=0.03")
    config = configure(*SIZES, *DENSE, *STEEP, "dataset.validation_fraction=0.1", *at_once)
    one = Trainer(config, digits.train, digits.validation, digits.task, CPU, remaining=3)
    assert one.seeds == 3

    def checkpoints() -> dict[int, Checkpoints]:
        return {seed: Checkpoints(tmp_path / f"{seed}.npz", 0, "this") for seed in (3, 4, 5)}

    def fit(seeds: list[int], known: dict[int, Checkpoints], stop: int) -> dict[int, Any]:
        observers, kept = [[Stop(stop)] for _ in seeds], [known[seed] for seed in seeds]
        trained = one.fit_together(seeds, observers, [None] * len(seeds), kept)
        return {seed: of(training) for seed, training in trained}

    expected = fit([3, 4, 5], dict.fromkeys((3, 4, 5), Checkpoints()), 99)
    assert len({len(history["loss"]) for _, history in expected.values()}) > 1
    for lost in ([], [5]):
        for path in tmp_path.glob("*.npz"):
            path.unlink()
        with pytest.raises(KeyboardInterrupt):
            fit([3, 4, 5], checkpoints(), 2)
        for seed in lost:
            (tmp_path / f"{seed}.npz").unlink()
        known = checkpoints()
        groups = one.groups([3, 4, 5], known)
        assert groups == ([[3, 4], [5]] if lost else [[3, 4, 5]])
        for group in groups:
            for seed, (network_weights, history) in fit(group, known, 99).items():
                if seed in lost:  # in another slot, where sums are rounded in another order
                    assert history["loss"][:2] == pytest.approx(expected[seed][1]["loss"][:2])
                else:
                    assert_same(network_weights, expected[seed][0])
                    assert history == expected[seed][1]


def test_what_only_fills_a_place_is_not_trained_on_when_the_others_have_stopped(
    configure: Configure, digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = ("seeds=[3,4]", "seeds_together=2", "optimizer.learning_rate=0.03")
    config = configure(*SIZES, *DENSE, *STEEP, "dataset.validation_fraction=0.1", *at_once)
    one = Trainer(config, digits.train, digits.validation, digits.task, CPU, remaining=2)
    one.compile()
    trained, epoch = [], Stage.epoch

    def counting(*args: Any) -> Any:
        trained.append(1)
        return epoch(*args)

    monkeypatch.setattr(Stage, "epoch", counting)
    stopped = one.fit(3, [], None, Checkpoints(tmp_path / "3.npz", 0, "this"))
    assert len(trained) == len(stopped.epoch_seconds) < 20
    go_on(one, 3, tmp_path / "3.npz")
    assert len(trained) == len(stopped.epoch_seconds)


def test_what_started_from_another_network_goes_on(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    config = configure(*SIZES, *DENSE, "augmentation=affine", "training.epochs=3")
    one, path = trainer(config, digits), tmp_path / "checkpoint.npz"
    one.fit(0, []).model.save(tmp_path / "model.keras")
    start = one.start(tmp_path / "model.keras")
    expected, history = of(one.fit(0, [], start))
    with pytest.raises(KeyboardInterrupt):
        one.fit(0, [Stop(2)], start, Checkpoints(path, 0, "this"))
    training = one.fit(0, [], start, Checkpoints(path, 0, "this"))
    assert_same(weights(training), expected)
    assert training.history == history


def test_what_figures_recorded_goes_on_too(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    config = configure(*SIZES, *LENET, "training.epochs=4")
    one, path = trainer(config, digits), tmp_path / "checkpoint.npz"
    whole, half, rest = KernelHistory(), KernelHistory(), KernelHistory()
    one.fit(0, [whole])
    interrupt(one, 0, 2, path, half)
    go_on(one, 0, path, rest)
    assert len(rest.kernels) == 5
    assert_same(rest.kernels, whole.kernels)


def test_an_observer_hears_of_the_epochs_before(
    left: tuple[Trainer, bytes], tmp_path: Path
) -> None:
    heard: list[str] = []

    class Listener(Observer):
        def on_train_begin(self, logs: Any = None) -> None:
            heard.append("begin")

        def go_on(self, folder: Path, history: History) -> None:
            heard.append(f"{history.epochs} epochs")

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            heard.append(f"epoch {epoch}")

    one, path = left[0], tmp_path / "checkpoint.npz"
    interrupt(one, 0, 2, path)
    go_on(one, 0, path, Listener())
    assert heard == ["begin", "2 epochs", "epoch 2"]


# --- when it is written, and what is not gone on from ----------------------------------------


@pytest.fixture(scope="module")
def left(configure: Configure, digits: Dataset, tmp_path_factory: Any) -> tuple[Trainer, bytes]:
    """A trainer, and the checkpoint of an interrupted training of its."""
    one = trainer(configure(*SIZES, *DENSE, "training.epochs=3"), digits)
    path = tmp_path_factory.mktemp("left") / "checkpoint.npz"
    interrupt(one, 0, 1, path)
    return one, path.read_bytes()


def test_the_last_epoch_is_one_to_go_on_from_too(
    left: tuple[Trainer, bytes], tmp_path: Path
) -> None:
    one, path = left[0], tmp_path / "checkpoint.npz"
    expected, history = of(one.fit(4, [], None, Checkpoints(path, 0, "that")))
    assert Checkpoint.read(path).values == history
    again = one.fit(4, [], None, Checkpoints(path, 0, "that"))
    assert_same(weights(again), expected)
    assert again.history == history


@pytest.mark.parametrize(("minutes", "written"), [(None, 0), (5, 0), (0.0, 3), (1.5, 1)])
def test_it_is_written_when_the_minutes_have_passed(
    minutes: float | None,
    written: int,
    left: tuple[Trainer, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, count = iter(range(0, 10_000, 60)), []
    monkeypatch.setattr("runner.training.checkpoint.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(Checkpoint, "write", lambda *_: count.append(1))
    left[0].fit(0, [], None, Checkpoints(Path("nowhere"), minutes, "this"))
    assert len(count) == written


def test_the_last_epoch_of_a_long_training_is_written_before_it_is_due(
    left: tuple[Trainer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 60))
    monkeypatch.setattr("runner.training.checkpoint.time.monotonic", lambda: next(clock))
    path = tmp_path / "checkpoint.npz"
    training = left[0].fit(0, [], None, Checkpoints(path, 1.5, "this"))
    assert Checkpoint.read(path).values == training.history


def damaged(content: bytes) -> dict[str, bytes]:
    middle = len(content) // 2
    changed = bytearray(content)
    changed[middle] ^= 1
    cuts = {str(cut): content[:cut] for cut in (0, 1, 100, middle, -30)}
    return {**cuts, "changed": bytes(changed), "text": b"no archive"}


@pytest.mark.parametrize("how", ["0", "1", "100", "middle", "-30", "changed", "text"])
def test_a_damaged_checkpoint_is_said_and_the_training_starts_anew(
    how: str, left: tuple[Trainer, bytes], tmp_path: Path
) -> None:
    one, content = left
    path, said = tmp_path / "checkpoint.npz", Said()
    path.write_bytes(damaged(content).get(how, content[: len(content) // 2]))
    expected, history = of(one.fit(0, []))
    training = one.fit(0, [], None, Checkpoints(path, 0, "this", said))
    assert said == [UNREADABLE.format(path)]
    assert_same(weights(training), expected)
    assert training.history == history


def test_a_checkpoint_of_another_training_is_said_and_not_used(
    left: tuple[Trainer, bytes], tmp_path: Path
) -> None:
    one, content = left
    path, said = tmp_path / "checkpoint.npz", Said()
    path.write_bytes(content)
    assert len(one.fit(0, [], None, Checkpoints(path, None, "other", said)).epoch_seconds) == 3
    (line,) = said
    assert "is of other data, another configuration, or another version" in line
    assert "starts anew" in line


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside"])
def test_a_checkpoint_writes_nowhere_but_where_it_may(
    name: str, left: tuple[Trainer, bytes], tmp_path: Path
) -> None:
    one, content = left
    path, said = tmp_path / "checkpoint.npz", Said()
    path.write_bytes(content)
    files = {name: np.zeros(3, np.uint8)}
    replace(Checkpoint.read(path), files=files).write(path)
    one.fit(0, [], None, Checkpoints(path, None, "this", said))
    assert said == [UNREADABLE.format(path)]


# --- callbacks -------------------------------------------------------------------------------


def model() -> keras.Model:
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse", metrics=["accuracy"])
    return network


def callbacks(folder: Path) -> list[keras.callbacks.Callback]:
    stop = early_stopping(
        0,
        monitor="val_loss",
        patience=9,
        min_delta=0.01,
        restore_best_weights=True,
        start_from_epoch=1,
    )
    save = checkpoint(0, monitor="val_loss", save_best_only=True, path=str(folder / "best.keras"))
    (slow,) = plateau(1, 9, monitor="loss", factor=0.5, patience=1, min_lr=1e-6).callbacks
    return [stop, save, slow]


def told(callback: keras.callbacks.Callback, network: keras.Model, epochs: range) -> None:
    losses = [3.0, 2.0, 2.0, 2.5, 1.0, 1.5, 0.5, 2.0, 2.0]
    for epoch in epochs:
        network.set_weights([np.full((2, 1), epoch), np.zeros(1)])
        callback.on_epoch_begin(epoch)
        logs = {"loss": losses[epoch], "val_loss": losses[epoch]}
        callback.on_epoch_end(epoch, logs)


def comparable(value: Any) -> Any:
    if isinstance(value, list):
        return [comparable(each) for each in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("until", range(1, 8))
def test_a_callback_goes_on_with_all_it_had_learned(
    number: int, until: int, tmp_path: Path
) -> None:
    """Where a version of Keras keeps its state otherwise, an attribute differs at the end."""
    one, other = model(), model()
    arrays: Arrays = []
    undisturbed, before, after = (callbacks(tmp_path)[number] for _ in range(3))
    for callback, trained, epochs in (
        (undisturbed, one, range(9)),
        (before, other, range(until)),
        (after, other, range(until, 9)),
    ):
        callback.set_model(trained)
        callback.on_train_begin()
        if callback is after:
            unpack_state(after, pack_state(before, arrays), arrays)
        told(callback, trained, epochs)
    states = [
        {n: comparable(v) for n, v in vars(each).items() if n != "_model"}
        for each in (undisturbed, after)
    ]
    assert states[0] == states[1]
    assert float(one.optimizer.learning_rate) == float(other.optimizer.learning_rate)


def test_the_state_of_ones_own_callback_is_what_it_has_counted() -> None:
    class Own(keras.callbacks.Callback):  # type: ignore[misc]
        def __init__(self, limit: int) -> None:
            super().__init__()
            self.limit, self.file = limit, open
            self._seen: dict[str, Any] = {}
            self.mean = np.arange(3.0)

    import json

    arrays: Arrays = []
    one, other = Own(3), Own(9)
    one._seen, one.mean, one.name = {"loss": (np.float64(0.1), [2, None])}, np.ones(2), "é"
    state: dict[str, Any] = json.loads(json.dumps(pack_state(one, arrays)))
    unpack_state(other, state, arrays)
    assert other._seen == {"loss": (0.1, [2, None])}
    assert isinstance(other._seen["loss"][0], np.float64)
    assert (other.limit, other.name, other.file) == (9, "é", open)
    np.testing.assert_array_equal(other.mean, np.ones(2))
