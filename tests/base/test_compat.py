"""Private names of libraries: each test fails where a version no longer has what is relied on."""

import gc
import os
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import optuna
import pytest
import tensorflow as tf
from keras import layers

from runner.base import compat


def network() -> keras.Model:
    pixels = layers.Input((3,), name="pixels")
    inner = keras.Sequential([layers.Dense(2, name="inside")], name="inner")
    return keras.Model(pixels, layers.Dense(1, name="output")(inner(pixels)))


def test_the_way_back_from_a_value_to_what_computed_it() -> None:
    """Without it no figure of layers, no split of frozen networks, no features are found."""
    (output,) = network().outputs
    assert compat.operation_of(output).name == "output"
    (before,) = compat.inputs_of(output)
    assert compat.operation_of(before).name == "inner"
    (first,) = compat.inputs_of(before)
    assert compat.inputs_of(first) == []


def test_layers_at_any_depth() -> None:
    """Without it trainable layers inside a backbone would count as frozen."""
    assert {"inner", "inside", "output"} <= {layer.name for layer in compat.all_layers(network())}


def test_losses_go_back_to_what_probabilities_were_made_of() -> None:
    """Without it a wrong answer of probability 1 would cost 16, however sure the network was."""
    logits = np.array([[0, 200]], np.float32)
    given = keras.activations.softmax(tf.constant(logits))
    assert np.array_equal(compat.logits_of(given), logits)
    assert compat.logits_of(tf.constant(logits)) is None
    again, loss = tf.constant(given.numpy()), keras.losses.CategoricalCrossentropy()
    target = tf.constant([[1.0, 0.0]])
    assert loss.call(target, compat.with_logits(again, None)).numpy() < 20
    assert loss.call(target, compat.with_logits(again, logits)).numpy() == 200


def test_metrics_have_their_variables_before_their_first_use() -> None:
    """Without it a step is traced twice."""
    model = keras.Sequential([layers.Input([3]), layers.Dense(2, "softmax")])
    model.compile(loss="categorical_crossentropy", metrics=["accuracy"])
    before = len(model.metrics_variables)
    compat.build_metrics(model, np.eye(2, dtype=np.float32)[:1])
    built = model.metrics_variables
    assert len(built) == before + 2
    model.train_on_batch(np.ones([2, 3], np.float32), np.eye(2, dtype=np.float32))
    assert [id(variable) for variable in model.metrics_variables] == [id(one) for one in built]


def test_a_network_without_metrics_has_none_to_build() -> None:
    model = network()
    model.compile(loss="mse")
    compat.build_metrics(model, np.zeros([1, 1], np.float32))
    assert [metric.name for metric in model.metrics] == ["loss"]


def test_gradients_pass_by_the_sum_over_replicas() -> None:
    """Without it memory grows by every graph of every job of a sweep."""
    model = network()
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(model.trainable_variables)
    seen: list[Any] = []

    def noted(pairs: Any) -> Any:
        seen.append(pairs)
        return pairs

    optimizer._all_reduce_sum_gradients = noted
    gradients = [tf.ones_like(variable.value) for variable in model.trainable_variables]
    optimizer.apply(gradients)
    assert len(seen) == 1, "Keras no longer asks this method for the sum"
    compat.leave_gradients(optimizer)
    before = [np.array(variable.numpy()) for variable in model.trainable_variables]
    optimizer.apply(gradients)
    for old, variable in zip(before, model.trainable_variables, strict=True):
        np.testing.assert_allclose(variable.numpy(), old - 1, rtol=1e-6)
    reference = weakref.ref(model)
    del model, optimizer, gradients, variable
    gc.collect()
    assert reference() is None


def test_a_schedule_is_found_and_its_steps_can_be_counted_anew() -> None:
    """Without it a training that goes on would begin in the middle of its schedule."""
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build(network().trainable_variables)
    assert compat.rate_of(optimizer) is schedule
    optimizer.iterations.assign(10)
    assert float(optimizer.learning_rate) < 1e-6
    compat.replace_rate(optimizer, lambda: schedule(optimizer.iterations - 10))
    assert float(optimizer.learning_rate) == np.float32(0.1)


def test_what_an_optimizer_was_built_for() -> None:
    """Without it moments of other layers would be taken over by init_from."""
    optimizer = keras.optimizers.Adam()
    optimizer.build(network().trainable_variables)
    assert compat.trained_shapes(optimizer) == [(3, 2), (2,), (2, 1), (1,)]


def test_an_optimizer_that_treats_each_weight_by_itself() -> None:
    """One optimizer on a vector of all weights does what it does on the variables of layers."""
    adam = keras.optimizers.Adam
    assert compat.elementwise(adam())
    assert not compat.elementwise(adam(clipnorm=1.0))
    assert not compat.elementwise(adam(global_clipnorm=1.0))
    assert not compat.elementwise(keras.optimizers.Lamb())
    selective = keras.optimizers.AdamW()
    selective.exclude_from_weight_decay(var_names=["bias"])
    assert not compat.elementwise(selective)


def test_hydras_parser_knows_its_options() -> None:
    """Without it a mistake is found only after Hydra has started."""
    parsed, unknown = compat.hydra_parser().parse_known_args(["-m", "model=lenet", "--nonsense"])
    assert (parsed.multirun, parsed.overrides) == (True, ["model=lenet"])
    assert unknown == ["--nonsense"]
    for question in ("cfg", "info", "hydra_help", "shell_completion"):
        assert not getattr(parsed, question)


def test_a_worker_has_an_environment_of_its_own() -> None:
    """Without it all workers of `hydra/launcher=joblib gpus=4` would share one GPU."""
    pool = compat.replaceable_pool(env={"RUNNER_TEST": "GPU 3"})
    # a function of this module would have the worker import TensorFlow with it
    assert pool.submit(os.getenv, "RUNNER_TEST").result() == "GPU 3"
    pool.shutdown(wait=True, kill_workers=True)


def test_another_process_reports_to_a_trial(tmp_path: Path) -> None:
    """Without it no trial of a search is given up early."""
    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/study.db", study_name="s")
    asked = study.ask()
    again = optuna.load_study(study_name="s", storage=f"sqlite:///{tmp_path}/study.db")
    trial, reported = compat.trial_of(again, asked.number)
    assert reported == {}
    trial.report(0.5, step=3)
    assert compat.trial_of(study, asked.number)[1] == {3: 0.5}


def test_packages_are_hidden_from_the_thread_that_asks_for_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow, imported in another thread meanwhile, had no `infer_signature` without pandas."""
    (tmp_path / "package_to_hide.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with compat.hidden_packages("package_to_hide"):
        with pytest.raises(ImportError):
            import_module("package_to_hide")
        with ThreadPoolExecutor() as threads:
            found = threads.submit(import_module, "package_to_hide").result()
    assert import_module("package_to_hide") is found


def test_another_thread_finds_a_module_while_packages_are_shown_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A finder was skipped where the list became shorter: `No module named 'colorsys'`."""
    asked, shown, added = Event(), Event(), Slow(Event(), Event())
    finders = list(sys.meta_path)
    finders.insert(finders.index(PathFinder), Slow(asked, shown))
    monkeypatch.setattr(sys, "meta_path", list(finders))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with ThreadPoolExecutor() as threads:
        with compat.hidden_packages("package_to_hide"):
            found = threads.submit(import_module, "colorsys")
            assert asked.wait(10)
            sys.meta_path.append(added)  # as a library does that is imported meanwhile
        shown.set()
        assert found.result().__name__ == "colorsys"
    assert sys.meta_path == [*finders, added]


class Slow(MetaPathFinder):
    """A finder that still looks when packages are shown again."""

    def __init__(self, asked: Event, shown: Event) -> None:
        self.asked, self.shown = asked, shown

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Find nothing."""
        if fullname == "colorsys":
            self.asked.set()
            self.shown.wait(10)


def test_initial_values_are_computed_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a GPU loads the kernels of eight operations before each training."""
    devices: list[str] = []

    @contextmanager
    def device(name: str) -> Iterator[None]:
        devices.append(name)
        yield
        devices.pop()

    def initializer(shape: tuple[int, ...], dtype: str) -> Any:
        assert devices == ["CPU:0"]
        return tf.fill(shape, tf.cast(3, dtype))

    monkeypatch.setattr(compat, "tf", SimpleNamespace(device=device))
    with compat.initial_values_on_cpu():
        dense = layers.Dense(2, kernel_initializer=initializer)
        dense.build([None, 1])
        variable = keras.Variable(np.ones(2, np.float32))
    assert np.array_equal(dense.kernel.numpy(), [[3, 3]])
    assert np.array_equal(variable.numpy(), [1, 1])
    with pytest.raises(AssertionError):
        layers.Dense(2, kernel_initializer=initializer).build([None, 1])
