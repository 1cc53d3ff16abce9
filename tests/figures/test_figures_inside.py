"""The figures that look inside a network show what is there."""

from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from figures.configured import Configured
from runner.base.array_types import Images
from runner.base.errors import ConfigurationError
from runner.config.component import OptionsError
from runner.figures.activation_maximization import Ascent, maximize
from runner.figures.figure_files import save_figure
from runner.figures.filter_evolution import (
    KernelHistory,
    draw_filter_evolution,
    filter_animation,
)
from runner.figures.filters import draw_filter_sheet, draw_filters
from runner.figures.finished_run import ClassificationRun
from runner.figures.image_selection import by_class, by_index
from runner.figures.tile_grid import Spacing, centers
from runner.models.graph import layer_of, tensors
from runner.models.layer_outputs import activations, before_activation, scores

activation_maximization = Configured("activation-maximization")
class_activation = Configured("class-activation")
deep_filters = Configured("deep-filters")
feature_maps = Configured("feature-maps")
filter_evolution = Configured("filter-evolution")
first_filters = Configured("first-filters")
ASCENT = Ascent(
    **{
        name: value
        for name, value in activation_maximization.component().options.items()
        if name in {field.name for field in fields(Ascent)}
    }
)


def tiles_of(axes: Axes, shape: tuple[int, ...], side: float | None = None) -> NDArray[np.float32]:
    """Cut a drawn mosaic into its tiles, [rows, columns, height, width]; `side` of a gallery's."""
    (picture,) = axes.images
    drawn = np.asarray(np.ma.getdata(picture.get_array()), np.float32)  # type: ignore[arg-type]
    spacing = Spacing.of(shape, side)
    times, (down, across) = spacing.times, centers(shape, spacing)
    height, width = shape[2:]

    def cut(y: float, x: float) -> NDArray[np.float32]:
        top, left = (round(c - (times * s - 1) / 2) for c, s in ((y, height), (x, width)))
        return drawn[top : top + times * height : times, left : left + times * width : times]

    return np.array([[cut(y, x) for x in across] for y in down])


def copied(model: keras.Model) -> keras.Model:
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    return twin


class TestFilters:
    def test_a_planted_edge_appears_as_such(self, digits: ClassificationRun, pixels: Any) -> None:
        model = copied(digits.model)
        kernel, bias = model.get_layer("first").get_weights()
        kernel[:, :, 0, 13] = np.linspace(-1, 1, 5)
        model.get_layer("first").set_weights([kernel, bias])
        figure = first_filters(replace(digits, model=model))
        assert figure is not None
        (picture,) = figure.axes[0].images
        assert picture.get_clim() == (-1, 1)
        edge = tiles_of(figure.axes[0], (2, 10, 5, 5), 0.75)[1, 3]
        np.testing.assert_array_equal(edge, kernel[:, :, 0, 13])
        page, box = pixels(figure), figure.axes[0].get_window_extent()
        across = centers((2, 10, 5, 5))[1][3] + 3.2 * np.arange(-2, 3)
        columns = box.x0 + box.width * (across + 0.5) / picture.get_size()[1]
        line = round(page.shape[0] - box.y0 - 0.25 * box.height)
        shades = page[line, columns.astype(int), 0].astype(int)
        assert (np.diff(shades) > 40).all()
        assert shades[0] < 10
        assert shades[-1] > 245

    def test_deep_sheet_has_a_column_for_each_filter(self, digits: ClassificationRun) -> None:
        figure = deep_filters(digits)
        assert figure is not None
        kernel = digits.model.get_layer("second").get_weights()[0]
        shown = tiles_of(figure.axes[0], (20, 40, 5, 5))
        np.testing.assert_array_equal(shown, kernel.transpose(2, 3, 0, 1))

    def test_a_large_convolution_is_cut_and_says_so(self) -> None:
        figure = draw_filter_sheet(
            np.ones((3, 3, 200, 100), np.float32), "deep", limit=32, interval=None
        )
        assert "the first 32 are drawn" in figure.texts[1].get_text()
        assert tiles_of(figure.axes[0], (32, 32, 3, 3)).shape == (32, 32, 3, 3)

    def test_color_filters_become_a_sheet(self) -> None:
        kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 8)).astype(np.float32)
        shown = tiles_of(draw_filters(kernel, "first", interval=None).axes[0], (3, 8, 3, 3))
        np.testing.assert_array_equal(shown, kernel.transpose(2, 3, 0, 1))

    def test_there_are_none_without_convolutions(self, flat: ClassificationRun) -> None:
        assert first_filters(flat) is None
        assert deep_filters(flat) is None

    def test_an_interval_is_the_scale_and_the_bar_tells_what_is_beyond(
        self, digits: ClassificationRun
    ) -> None:
        kernel = np.linspace(-0.3, 0.2, 50, dtype=np.float32).reshape(5, 5, 1, 2)
        figure = draw_filters(kernel, "first", interval=[-0.25, 0.25])
        axes, bar = figure.axes
        assert axes.images[0].get_clim() == (-0.25, 0.25)
        assert bar._colorbar.extend == "min"  # type: ignore[attr-defined]
        whole = draw_filters(kernel, "first", interval=None).axes
        assert whole[0].images[0].get_clim() == pytest.approx((-0.3, 0.3))
        assert whole[1]._colorbar.extend == "neither"  # type: ignore[attr-defined]

    def test_there_is_none_beyond_the_last_convolution(self, digits: ClassificationRun) -> None:
        assert deep_filters(digits, convolution=2) is not None
        assert deep_filters(digits, convolution=3) is None


class TestEvolution:
    def test_sheet_goes_from_before_training_to_the_end(self, digits: ClassificationRun) -> None:
        figure = filter_evolution(digits)
        assert figure is not None
        history = digits.recording(KernelHistory)
        assert history is not None
        shown = tiles_of(figure.axes[0], (3, 20, 5, 5))
        trained = digits.model.get_layer("first").get_weights()[0]
        np.testing.assert_array_equal(shown[0], history.kernels[0][:, :, 0].transpose(2, 0, 1))
        np.testing.assert_array_equal(shown[-1], trained[:, :, 0].transpose(2, 0, 1))

    def test_a_long_training_is_thinned_out(self) -> None:
        kernels = [np.full((5, 5, 1, 4), n, np.float32) for n in range(101)]
        names = draw_filter_evolution(kernels, limit=6, interval=None).axes[0].get_yticklabels()
        assert [name.get_text() for name in names] == ["0", "20", "40", "60", "80", "100"]

    def test_animation_is_a_gif_with_a_frame_per_epoch(
        self, digits: ClassificationRun, tmp_path: Path
    ) -> None:
        (path,) = save_figure(filter_animation(digits), tmp_path / "filters")
        assert path.name == "filters.gif"
        with Image.open(path) as gif:
            assert gif.info["loop"] == 0, "it should go on for ever"
            frames = [np.asarray(frame.convert("L"), int) for frame in ImageSequence.Iterator(gif)]
        assert len(frames) == 3
        changed = [np.abs(b - a).mean() for a, b in pairwise(frames)]
        assert min(changed) > 1

    def test_there_is_none_where_kernels_were_not_recorded(
        self, digits: ClassificationRun, tmp_path: Path
    ) -> None:
        for folder in (None, tmp_path):
            unrecorded = replace(digits, folder=folder)
            assert filter_evolution(unrecorded) is None
            assert filter_animation(unrecorded) is None


class TestFeatureMaps:
    def test_equal_the_layers_output(self, digits: ClassificationRun) -> None:
        chosen = by_class(digits, [1, 3], each=2)
        assert chosen.labels is not None
        assert chosen.labels.tolist() == [1, 1, 3, 3]
        figures = feature_maps(replace(digits, selected=chosen), layers=["first", 4])
        assert figures is not None
        values = chosen.images.astype(np.float32)
        outputs = {}
        for layer in digits.model.layers:
            values = outputs[layer.name] = layer(values)
        for figure, name, grid in zip(
            figures, ("first", "pool-2"), ((2, 10, 24, 24), (3, 14, 4, 4)), strict=True
        ):
            drawn = [axes for axes in figure.axes if len(axes.lines)]
            maps = np.asarray(outputs[name]).transpose(0, 3, 1, 2)
            for axes, expected in zip(drawn, maps, strict=True):
                shown = tiles_of(axes, grid, 0.58).reshape(-1, *grid[2:])[: len(expected)]
                np.testing.assert_allclose(shown, expected, atol=1e-5)

    def test_dead_maps_are_crossed_out(self, digits: ClassificationRun) -> None:
        model = copied(digits.model)
        kernel, bias = model.get_layer("first").get_weights()
        bias[[4, 17]] = -1000
        model.get_layer("first").set_weights([kernel, bias])
        figures = feature_maps(replace(digits, model=model), layers=["first"])
        assert figures is not None
        crosses = figures[0].axes[1].lines[0].get_xydata()
        down, across = centers((2, 10, 24, 24), Spacing.of((2, 10, 24, 24), 0.58))
        assert [[across[4], down[0]], [across[7], down[1]]] == np.asarray(crosses).tolist()
        assert "a dead unit (2)" in figures[0].texts[1].get_text()

    def test_dense_layers_have_maps_of_one_pixel(self, digits: ClassificationRun) -> None:
        figures = feature_maps(digits, layers=["hidden"], limit=30)
        assert figures is not None
        assert "30 maps of 1 x 1" in figures[0].texts[1].get_text()

    def test_there_are_none_without_convolutions(self, flat: ClassificationRun) -> None:
        assert feature_maps(flat) is None

    def test_images_and_intervals_are_those_asked_for(self, digits: ClassificationRun) -> None:
        options: Any = {
            "layers": ["first", "pool-2"],
            "images": [3, 17],
            "intervals": [[0, 1], [0, 2]],
        }
        figures = feature_maps(digits, **options)
        assert figures is not None
        for figure, (low, high) in zip(figures, options["intervals"], strict=True):
            maps = [axes.images[0] for axes in figure.axes if len(axes.lines)]
            assert [picture.get_clim() for picture in maps] == [(low, high)] * 2
            named = [text.get_text() for text in figure.texts]
            assert any("(#3)" in text for text in named)
            assert any("(#17)" in text for text in named)
        chosen = replace(digits, selected=by_index(digits, [8]))
        (first, _) = feature_maps(chosen, **options) or []
        assert "(#8)" in first.texts[2].get_text()  # what the user asks for comes first

    def test_maps_stand_in_rows_and_colors_as_the_handout_prints_them(
        self, digits: ClassificationRun, configure: Any
    ) -> None:
        printed = configure("experiment=activations").figures["feature-maps"].options
        images = by_index(digits, printed["images"])
        assert images.labels is not None
        assert images.labels.tolist() == [1, 1, 3, 3]
        assert printed["images"] == [
            *np.flatnonzero(digits.labels == 1)[:2],
            *np.flatnonzero(digits.labels == 3)[:2],
        ]
        options = printed | {"layers": ["first", "pool-2"]}
        first, second = feature_maps(digits, **options)
        for figure, columns, high in ((first, 5, 1), (second, 10, 2)):
            maps = next(axes.images[0] for axes in figure.axes if len(axes.lines))
            assert maps.axes is not None
            places = np.array([number.get_position() for number in maps.axes.texts])
            assert [len(np.unique(ends)) for ends in places.T.round(3)] == [columns, 4]
            assert maps.cmap(0.0)[:3] == (0, 0, 0)
            assert maps.get_clim() == (0, high)

    def test_an_unknown_color_map_is_an_error(self, digits: ClassificationRun) -> None:
        with pytest.raises(OptionsError, match="color_map"):
            feature_maps(digits, color_map="grey")

    def test_as_many_intervals_as_layers_are_needed(self, digits: ClassificationRun) -> None:
        with pytest.raises(ConfigurationError, match="expected one for each of 2 layers"):
            feature_maps(digits, layers=["first", "pool-2"], intervals=[[0, 1]])

    def test_an_unknown_layer_is_named_with_its_neighbors(self, digits: ClassificationRun) -> None:
        with pytest.raises(ConfigurationError, match=r"'frist'.* did you mean first"):
            feature_maps(digits, layers=["frist"])
        with pytest.raises(ConfigurationError, match=r"layer 99: .* has 8 layers"):
            layer_of(digits.model, 99)


class TestActivationMaximization:
    def test_images_of_all_classes_are_recognized(self, digits: ClassificationRun) -> None:
        units = list(range(10))
        images = maximize(digits.model, scores(digits.model), units, digits.images[:500], ASCENT)
        probabilities = digits.model.predict(images, verbose=0)
        assert probabilities.argmax(axis=1).tolist() == units
        assert probabilities.max(axis=1).min() > 0.9
        border = np.concatenate([images[:, :2], images[:, -2:]], axis=1)
        assert border.mean() < 20, "digits have an empty border"

    def test_binary_classes_too(self, five_or_six: ClassificationRun) -> None:
        model = five_or_six.model
        images = maximize(model, scores(model), [0, 1], five_or_six.images[:500], ASCENT)
        five, six = model.predict(images, verbose=0)[:, 0]
        assert five < 0.1
        assert six > 0.9

    @pytest.mark.parametrize("name", ["hidden", "second", "first"])
    def test_a_unit_likes_its_image_better_than_test_images(
        self, digits: ClassificationRun, name: str
    ) -> None:
        model, units = digits.model, [0, 5, 11]
        target = before_activation(model, model.get_layer(name))
        images = maximize(model, target, units, digits.images[:500], ASCENT)

        def liking(shown: Images) -> NDArray[np.float32]:
            values = activations(model, [target], shown)[0]
            return values if values.ndim == 2 else np.maximum(values, 0).mean(axis=(1, 2))

        best = liking(digits.images[:500]).max(axis=0)[units]
        assert (np.diag(liking(images)[:, units]) > best).all()

    def test_captions_name_the_units(self, digits: ClassificationRun) -> None:
        figure = activation_maximization(digits, layer=-2, units=[3, 4], steps=2)
        assert figure is not None
        assert figure.texts[0].get_text() == "Images that maximize units of layer hidden"


class TestLayers:
    def test_scores_give_the_networks_own_output(
        self, digits: ClassificationRun, five_or_six: ClassificationRun
    ) -> None:
        for run in (digits, five_or_six):
            values = activations(run.model, [scores(run.model)], run.images[:50])[0]
            softmax = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
            np.testing.assert_allclose(softmax, run.probabilities[:50], atol=1e-5)

    @pytest.mark.parametrize("suffix", [".keras", ".h5"])
    def test_saved_networks_are_looked_into_as_well(
        self, digits: ClassificationRun, suffix: str, tmp_path: Path
    ) -> None:
        digits.model.save(tmp_path / f"model{suffix}")
        loaded = keras.models.load_model(tmp_path / f"model{suffix}")
        few = replace(digits, model=loaded)
        assert class_activation(few) is not None
        assert len(tensors(loaded)) >= len(loaded.layers)


class TestChoice:
    def test_by_index_names_label_and_place(self, digits: ClassificationRun) -> None:
        assert by_index(digits, [0, 2]).names == ["7 (#0)", "1 (#2)"]
        with pytest.raises(ConfigurationError, match="expected an index from 0 to 9999"):
            by_index(digits, [10_000])

    def test_a_class_named_twice_gives_two_images(self, digits: ClassificationRun) -> None:
        assert by_class(digits, [1, 1, 7]).names == ["1 (#2)", "1 (#5)", "7 (#0)"]
        assert by_class(digits, [7, 1], each=2).names == by_class(digits, [7, 7, 1, 1]).names
