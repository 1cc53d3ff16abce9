"""Fine-tuning: the last layers of a frozen backbone, after the head, at a rate of their own."""

import gc
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from transferring import (
    CPU,
    SMALL,
    XLA,
    assert_same,
    network,
    trainer,
    weights,
    with_a_smaller_last_batch,
)

from runner import datasets
from runner.base.errors import ConfigurationError, TrainingError
from runner.base.option_types import Positive
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.evaluation.baselines.baseline_comparison import Baselines
from runner.evaluation.split_losses import measure_losses
from runner.figures.learning_curves import draw_learning_curves
from runner.models.frozen import with_backbone
from runner.tracking.trained_network import TrainedNetwork
from runner.training.schedules import Schedule
from runner.training.stages import taken
from runner.training.trained import Training

Small = Callable[..., Config]
TUNED = "training.fine_tuning={layers: 4, epochs: 2, learning_rate: 1e-3}"
MODEL = "model=inception-resnet-v2"  # replaced by a smaller one


@pytest.fixture(scope="module")
def drawn(configure: Callable[..., Config]) -> Dataset:
    return datasets.load(configure(*SMALL).dataset)


@pytest.fixture(scope="module")
def small(configure: Callable[..., Config]) -> Small:
    def compose(*overrides: str) -> Config:
        return replace(configure(*SMALL, MODEL, TUNED, *overrides), model=Component(network, {}))

    return compose


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the weights after every epoch, and what was trained in it."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[dict[str, NDArray[Any]]] = []
        self.trained: list[set[str]] = []
        self.begun = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self.begun += 1
        self.on_epoch_end(-1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.values.append({v.path: np.array(v) for v in self.model.weights})
        self.trained.append({v.path for v in self.model.trainable_variables})

    @property
    def changed(self) -> list[set[str]]:
        """Names of the weights that each epoch has changed."""
        pairs = zip(self.values, self.values[1:], strict=False)
        return [{n for n in new if not np.array_equal(new[n], old[n])} for old, new in pairs]


HEAD = {"dense/kernel", "dense/bias", "output/kernel", "output/bias"}


@pytest.fixture(scope="module")
def tuned(small: Small, drawn: Dataset) -> tuple[Training, Watch]:
    watch = Watch()
    return trainer(small(), with_a_smaller_last_batch(drawn)).fit(0, [watch]), watch


def test_first_the_head_is_trained_then_the_last_layers_too(tuned: tuple[Training, Watch]) -> None:
    """Of the last four layers, `high` has weights and `last_normalization` stays frozen."""
    training, watch = tuned
    assert watch.begun == 1
    top = HEAD | {"high/kernel", "high/bias"}
    assert watch.changed == [HEAD] * 3 + [top] * 2
    assert watch.trained[1:] == [HEAD] * 3 + [top] * 2
    assert training.history["stage"] == [1, 1, 1, 2, 2]
    assert {len(values) for values in training.history.values()} == {5}
    np.testing.assert_allclose(training.history["learning_rate"], [0.01] * 3 + [1e-3] * 2)
    assert len(training.epoch_seconds) == 5


def test_the_tuned_network_is_saved_with_what_it_is_trained_by(
    tuned: tuple[Training, Watch], drawn: Dataset, tmp_path: Path
) -> None:
    model = tuned[0].model
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    images = drawn.test.images.astype(np.float32)
    np.testing.assert_array_equal(loaded.predict(images), model.predict(images))
    assert loaded.optimizer.iterations.numpy() == 2 * 5
    assert float(loaded.optimizer.learning_rate) == pytest.approx(1e-3)
    assert len(loaded.trainable_variables) == 6
    assert_same(*([np.array(v) for v in m.optimizer.variables] for m in (model, loaded)))


def test_each_stage_goes_on_with_the_optimizer_that_trained_its_layers(
    small: Small, drawn: Dataset, tmp_path: Path
) -> None:
    """The head is trained in 3 epochs of 5 steps, the last layers in 2."""
    whole = trainer(small(), drawn)
    whole.fit(0, []).model.save(tmp_path / "tuned.keras")
    trainer(small("training.fine_tuning=null"), drawn).fit(0, []).model.save(
        tmp_path / "head.keras"
    )
    said = "weights and optimizer, after {} steps; not for {}, since it trained other layers"
    for name, steps, without, ended in (
        ("tuned", 10, "the head", [15, 20]),
        ("head", 15, "fine-tuning", [30, 10]),
    ):
        start = whole.start(tmp_path / f"{name}.keras")
        assert taken(start, whole.stages) == said.format(steps, without)
        whole.fit(0, [], start)
        assert [int(one.network.optimizer.iterations.numpy()) for one in whole.stages] == ended


@pytest.mark.parametrize("augmentation", ["none", "flip"])
def test_every_seed_begins_anew(augmentation: str, small: Small, drawn: Dataset) -> None:
    config = small("seeds=2", f"augmentation={augmentation}")
    several = trainer(config, drawn)
    first, second = several.fit(0, []), several.fit(1, [])
    kept = weights(second)
    assert first.compile_seconds > 0 == second.compile_seconds
    alone = trainer(small("seed=1", f"augmentation={augmentation}"), drawn).fit(1, [])
    assert alone.history == second.history
    assert_same(weights(alone), kept)


def test_xla_gives_the_same(small: Small, drawn: Dataset) -> None:
    """With no dropout, whose masks XLA draws otherwise."""
    config = replace(small(), model=Component(network, {"dropout": 0.0}))
    plain, compiled = (trainer(config, drawn, device=place).fit(0, []) for place in (CPU, XLA))
    for name, values in plain.history.items():
        np.testing.assert_allclose(compiled.history[name], values, rtol=1e-3)


def test_early_stopping_ends_one_stage_not_the_next(small: Small, drawn: Dataset) -> None:
    stop = ("callbacks=early-stopping", "callbacks.early-stopping.patience=1")
    never = ("callbacks.early-stopping.min_delta=100", "training.epochs=9")
    training = trainer(small(*stop, *never), drawn).fit(0, [])
    assert training.history["stage"] == [1, 1, 2, 2]
    assert len(training.epoch_seconds) == 4


def test_the_checkpoint_is_the_best_of_both_stages(
    small: Small, drawn: Dataset, tmp_path: Path
) -> None:
    """Fine-tuning so steep that it is worse than the head it begins with."""
    path = f"callbacks.checkpoint.path={tmp_path}/best.keras"
    steep = "training.fine_tuning={layers: 4, epochs: 2, learning_rate: 1}"
    training = trainer(small("callbacks=checkpoint", path, steep), drawn).fit(0, [])
    losses = training.history["val_loss"]
    assert min(losses[3:]) > min(losses[:3])
    assert drawn.validation is not None
    images = drawn.validation.images.astype(np.float32)
    best = keras.saving.load_model(tmp_path / "best.keras", safe_mode=True)
    measured = best.evaluate(images, drawn.validation.labels, return_dict=True)
    assert measured["loss"] == pytest.approx(min(losses), rel=1e-4)


def test_a_backbone_that_is_fine_tuned_alone_is_trained(
    small: Small, drawn: Dataset, tmp_path: Path
) -> None:
    config = small("training.epochs=0", "baselines=decision-tree")
    training = trainer(config, drawn).fit(0, [])
    assert training.history["stage"] == [2, 2]
    assert measure_losses(training.model, drawn, config, xla=False)["fitted_images"] == 40
    compared = Baselines(config, training.model, drawn, xla=False)
    comparison = compared.compare(training.model, 0, lambda _: nullcontext())
    assert comparison is not None
    assert comparison.features["network_trained_on"].startswith("40 images of")
    plain = {"training": {"epochs": 0, "fine_tuning": config.as_plain()["training"]["fine_tuning"]}}
    assert not TrainedNetwork("tuned", tmp_path, configuration=plain).is_untrained
    assert TrainedNetwork("not", tmp_path, configuration={"training": {"epochs": 0}}).is_untrained
    with pytest.raises(ConfigurationError, match=r"evaluation.test=false leaves nothing to eval"):
        small("training.epochs=0", "evaluation.test=false", "dataset.validation_fraction=0")


def test_a_failure_names_the_rate_of_its_stage(small: Small, drawn: Dataset) -> None:
    steep = "training.fine_tuning={layers: 4, epochs: 3, learning_rate: 1e35}"
    with pytest.raises(TrainingError, match=r"epoch \d.*training.fine_tuning.learning_rate"):
        trainer(small(steep, "optimizer=sgd"), drawn).fit(0, [])


@pytest.mark.slow
def test_jobs_leave_no_graphs_behind(small: Small, drawn: Dataset) -> None:
    def jobs(count: int) -> int:
        for _ in range(count):
            trainer(small("training.epochs=1"), drawn).fit(0, [])
            keras.utils.clear_session()
        gc.collect()
        return sum(type(one).__name__ == "FuncGraph" for one in gc.get_objects())

    before = jobs(1)
    assert jobs(2) <= before


# --- what cannot be --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "said"),
    [(8, r"layers=8: backbone has 7 layers"), (2, r"last 2 layers of backbone have no weights")],
)
def test_layers_that_are_not_there_are_refused(
    layers: int, said: str, small: Small, drawn: Dataset
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        trainer(small(f"training.fine_tuning={{layers: {layers}}}"), drawn)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["training.fine_tuning={layers: 3}"], "lenet has none"),
        ([MODEL, "training.fine_tuning={layers: 0}"], "fine_tuning.layers"),
        ([MODEL, "training.fine_tuning={epochs: 3}"], "fine_tuning.layers"),
        ([MODEL, "training.fine_tuning={layers: 3, rate: 1}"], "fine_tuning.rate"),
        ([MODEL, "training.fine_tuning={layers: 3, learning_rate: 0}"], "learning_rate"),
    ],
)
def test_a_wrong_configuration_is_refused_before_anything_is_loaded(
    overrides: list[str], said: str, configure: Callable[..., Config]
) -> None:
    with pytest.raises(ConfigurationError, match=said) as error:
        configure(*overrides)
    assert "\n" not in str(error.value)


def momentum(schedule: Schedule, *, step: Positive = 0.01) -> Any:
    """A user's optimizer, whose learning rate has another name."""
    return keras.optimizers.SGD(schedule.rate(step), momentum=0.9)


def deaf(schedule: Schedule, *, step: Positive = 0.01) -> Any:
    """A user's optimizer that takes no learning rate from its schedule."""
    del schedule
    return keras.optimizers.SGD(step)


def test_an_own_optimizer_gets_the_rate_of_fine_tuning(small: Small, drawn: Dataset) -> None:
    config = replace(small(), optimizer=Component(momentum, {"step": 0.02}))
    training = trainer(config, drawn).fit(0, [])
    np.testing.assert_allclose(training.history["learning_rate"], [0.02] * 3 + [1e-3] * 2)
    config = replace(config, optimizer=Component(deaf, {"step": 0.02}))
    with pytest.raises(ConfigurationError, match="optimizer=deaf ignores its schedule"):
        trainer(config, drawn)


@with_backbone
def declaring(input_shape: tuple[int, ...], outputs: int, *, width: int = 4) -> Any:
    """A user's network, which declares its backbone."""
    return network(input_shape, outputs, width=width)


def undeclared(input_shape: tuple[int, ...], outputs: int, *, backbone: str = "none") -> Any:
    """A user's network that has an option called backbone, and none."""


@pytest.mark.usefixtures("own_modules")
def test_a_network_declares_that_it_has_a_backbone(
    drawn: Dataset, configure: Callable[..., Config]
) -> None:
    model = ("~model", "training.fine_tuning={layers: 4}")
    config = configure(*SMALL, *model, f"+model._target_={__name__}.declaring")
    assert len(trainer(config, drawn).stages) == 2
    with pytest.raises(ConfigurationError, match="undeclared has none, or does not declare it"):
        configure(*SMALL, *model, f"+model._target_={__name__}.undeclared")


def test_the_learning_curves_show_where_it_begins(tuned: tuple[Training, Watch]) -> None:
    figure = draw_learning_curves(tuned[0].history, language="pt")
    assert figure is not None
    for axes in figure.axes:
        lines = [line for line in axes.lines if line.get_label() == "ajuste fino"]
        assert [np.asarray(line.get_xdata()).tolist() for line in lines] == [[3.5, 3.5]]
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert "ajuste fino" in [text.get_text() for text in legend.get_texts()]
    once = {name: values for name, values in tuned[0].history.items() if name != "stage"}
    plain = draw_learning_curves(once)
    assert plain is not None
    assert [len(axes.lines) + 1 for axes in plain.axes] == [len(a.lines) for a in figure.axes]
