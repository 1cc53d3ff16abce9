"""Decision regions of two features, and the weights they are drawn of."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from figures.planes import network, recorded, run
from runner.figures import decision_regions as figure
from runner.figures.decision_regions import early_epochs, mixed_colors
from runner.figures.plane import Plane
from runner.figures.weight_history import WeightHistory


def test_a_history_is_read_as_it_was_saved_and_restores_weights(tmp_path: Path) -> None:
    model = network()
    recorded(model, 3).save(tmp_path)
    history = WeightHistory.load(tmp_path)
    assert history is not None
    assert history.epochs == [0, 1, 2, 3]
    assert history.restore(model, 2) == 2
    assert (model.get_weights()[0] == 2).all()
    assert WeightHistory.load(tmp_path / "nothing") is None


def test_a_long_training_keeps_every_second_epoch_and_goes_on_so(tmp_path: Path) -> None:
    model = network(1)
    recorded(model, 230).save(tmp_path)
    history = WeightHistory.load(tmp_path)
    assert history is not None
    assert history.epochs == list(range(0, 231, 2))
    history.set_model(model)
    history.on_epoch_end(230)  # 231 is left out, 232 is not
    history.on_epoch_end(231)
    assert history.epochs[-2:] == [230, 232]


def test_large_networks_are_not_recorded(tmp_path: Path) -> None:
    recorded(network(10_000), 1).save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_plane_begins_at_the_top_left() -> None:
    plane = Plane.around(np.array([[0, 0], [10, 100]], np.float32))
    assert plane.low == pytest.approx((-1.5, -15))
    assert plane.high == pytest.approx((11.5, 115))
    grid = plane.grid(3)
    np.testing.assert_allclose(grid[[0, 2, 6]], [[-1.5, 115], [11.5, 115], [-1.5, -15]], rtol=1e-6)


def test_epochs_are_denser_at_the_beginning() -> None:
    assert early_epochs(range(101), 6) == [0, 4, 16, 36, 64, 100]
    assert early_epochs(range(4), 6) == [0, 1, 2, 3]
    assert early_epochs([0], 6) == [0]


def test_unsure_points_are_paler() -> None:
    sure, unsure = mixed_colors(np.array([[1, 0], [0.5, 0.5]], np.float32)).astype(int)
    assert unsure.min() > sure.min()
    assert sure[2] > sure[0]  # blue is the first class


def test_the_figure_shows_epochs_and_units_and_leaves_the_network_as_it_was(
    tmp_path: Path,
) -> None:
    model = network()
    recorded(model, 9).save(tmp_path)
    before = [weights.copy() for weights in model.get_weights()]
    drawn = figure.decision_regions(run(model, tmp_path), epochs=4, side=10)
    assert drawn is not None
    assert len([axes for axes in drawn.axes if axes.images]) == 4 + 3
    texts = [text.get_text() for text in drawn.texts]
    assert "epoch 0" in texts
    assert "epoch 9" in texts
    assert "units of hidden" in texts
    assert {"a", "b"} <= set(texts)
    assert "\nto the right feature 1 -" in texts[1]
    dots = [text for text in drawn.texts if text.get_text() == "\N{BLACK CIRCLE}"]
    assert [tuple(np.rint(255 * np.array(dot.get_color()))) for dot in dots] == [*figure.COLORS[:2]]
    for was, weights in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, weights)


@pytest.mark.parametrize("reason", ["nothing recorded", "three features"])
def test_there_is_no_figure_without_a_plane(tmp_path: Path, reason: str) -> None:
    model = network()
    recorded(model, 1).save(tmp_path)
    several: Any = SimpleNamespace(recording=lambda _: 1, images=np.zeros((1, 3)))
    other = run(model, None) if reason == "nothing recorded" else several
    assert figure.decision_regions(other, epochs=1, side=5) is None
