"""The fingerprint of a training depends on what determines its result, and on nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from runner.base.errors import ConfigurationError
from runner.config import composition
from runner.config.component import Component
from runner.config.run_config import Config
from runner.run import fingerprint, source_code

FEW = (
    *("device=cpu", "dataset.train_size=200", "dataset.validation_fraction=0.5"),
    *("training.epochs=1", "training.batch_size=50", "figures=[]", "tracking.log_model=false"),
)
SMALL = (*FEW, "model=dense", "model.hidden_units=[4]")


def identified(
    *overrides: str, digests: dict[str, str] | None = None, small: tuple[str, ...] = SMALL
) -> str:
    config = composition.compose_job([*small, *overrides])
    return fingerprint.fingerprint(config, config.all_seeds, digests or {})


@pytest.mark.parametrize(
    "same",
    [
        "tracking.uri=http://elsewhere:5000",
        "device=auto",
        "language=pt",
        "figures=[roc]",
        "dataset.data_dir=/elsewhere",
        "dataset.source.layouts=[[mnist-copy.npz]]",
        "sweep.max_failures=3",
        "training.checkpoint_minutes=1",
    ],
)
def test_the_identity_does_not_depend_on_what_leaves_the_result_alone(same: str) -> None:
    assert identified(same) == identified()


@pytest.mark.parametrize(
    "other",
    [
        "optimizer.learning_rate=0.01",
        "training.batch_size=49",
        "seed=1",
        "seeds=2",
        "dataset.train_size=300",
        "dataset.validation_seed=1",
        "precision=bfloat16",
        "callbacks=early-stopping",
        "schedule=cosine",
        "+dataset.source.border=1",
        "+dataset.source.resized_to=[14,14]",
        "+dataset.source.fitted_to=[32,32,3]",
    ],
)
def test_the_identity_depends_on_what_determines_the_result(other: str) -> None:
    assert identified(other) != identified()


def test_the_identity_depends_on_the_options_of_callbacks() -> None:
    stop, patience = "callbacks=early-stopping", "callbacks.early-stopping.patience="
    of = {identified(), identified(stop, f"{patience}8"), identified(stop, f"{patience}9")}
    assert len(of) == 3


def test_the_identity_depends_on_the_columns_of_a_table() -> None:
    banknote, columns = "dataset=banknote", "dataset.source.columns="
    of = {identified(banknote, columns + choice) for choice in ("null", "[0,1,2,3]", "[0,1,2,4]")}
    assert len(of) == 3


def test_the_identity_depends_on_the_data() -> None:
    assert identified(digests={"x_train": "a"}) != identified(digests={"x_train": "b"})


def test_the_identity_depends_on_the_content_of_a_weights_file(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])

    def saved(name: str, value: float) -> str:
        model.set_weights([np.full(weight.shape, value) for weight in model.get_weights()])
        model.save_weights(tmp_path / name)
        return identified("model=mobilenet", f"model.weights={tmp_path / name}", small=FEW)

    first = saved("a.weights.h5", 1.0)
    assert saved("b.weights.h5", 1.0) == first
    assert saved("a.weights.h5", 2.0) != first
    assert identified("model=mobilenet", "model.weights=imagenet", small=FEW) != first
    with pytest.raises(ConfigurationError, match=r"model.weights=.*no such file"):
        identified("model=mobilenet", f"model.weights={tmp_path}/c.weights.h5", small=FEW)


def test_the_path_of_a_checkpoint_is_no_part_of_the_identity(tmp_path: Path) -> None:
    overrides = [*SMALL, "callbacks=checkpoint"]
    nodes = [composition.compose_plain(overrides, tmp_path / name) for name in "ab"]
    assert nodes[0]["callbacks"] != nodes[1]["callbacks"]
    configs = [composition.typed_config(node) for node in nodes]
    assert len({fingerprint.fingerprint(config, [0], {}) for config in configs}) == 1


def test_the_code_version_counts_what_the_configured_components_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., Config]
) -> None:
    """Another model, and what only shows results, change nothing; a module of the user's does."""
    read: set[str] = set()
    real = source_code.source_files

    def noted(modules: Iterable[str]) -> dict[str, Path]:
        found = real(modules)
        read.update(found)
        return found

    monkeypatch.setattr(fingerprint, "source_files", noted)
    (tmp_path / "own_helper.py").write_text("WIDTH = 3\n")
    (tmp_path / "own_network.py").write_text("from own_helper import WIDTH\n")
    (tmp_path / "conf").mkdir()
    monkeypatch.chdir(tmp_path)
    config = configure(*SMALL)
    first = fingerprint.code_version(config)
    assert {"runner.models.dense", "runner.training.stage", "runner.base.losses"} <= read
    others = ("runner.models.lenet", "runner.models.vgg", "runner.figures", "runner.run")
    assert not [name for name in read if name.startswith((*others, "runner.sweeps"))]

    def own(input_shape: tuple[int, ...], outputs: int) -> None:
        """Stands for a model in a module of the user's."""

    own.__module__ = "own_network"
    mine = replace(config, model=Component(own, {}))
    second = fingerprint.code_version(mine)
    assert second != first
    assert {"own_network", "own_helper"} <= read
    (tmp_path / "own_helper.py").write_text("WIDTH = 4\n")
    assert fingerprint.code_version(mine) not in {first, second}
