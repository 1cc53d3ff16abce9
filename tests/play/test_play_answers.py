"""What the page is told of a drawing, a network, its layers and units."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from play.conftest import THREE, Ask, png
from runner.base.tasks import Classification, MultiLabel, Regression
from runner.play import explanations
from runner.play.given_pictures import distort
from runner.play.play_requests import Distortion


def unpacked(packed: dict[str, Any]) -> NDArray[Any]:
    levels = np.frombuffer(base64.b64decode(packed["data"]), np.uint8).reshape(packed["shape"])
    if "low" not in packed:
        return levels
    return np.asarray(packed["low"] + levels / 255 * (packed["high"] - packed["low"]))


def test_runs_are_listed_with_their_results(ask: Ask) -> None:
    listed = ask("runs")["runs"]
    assert [run["inputs"] for run in listed] == [2, 0]  # the newest first
    assert "%" in listed[1]["result"]
    assert listed[1]["name"].startswith("lenet-mnist")


def test_a_network_is_described(ask: Ask, digits_run: str) -> None:
    told = ask("describe", run=digits_run)
    assert told["names"] == list("0123456789")
    layers = {layer["name"]: layer for layer in told["layers"]}
    assert layers["convolution_1"]["units"] == 6
    assert layers["convolution_1"]["silenced"]
    assert not layers["output"]["silenced"]  # silence there would be no class that is left out


def test_a_drawn_three_is_seen_as_predict_sees_it(ask: Ask, digits_run: str) -> None:
    told = ask("look", run=digits_run, picture=png(THREE))
    seen = unpacked(told["seen"])
    assert seen.shape == (28, 28, 1)
    assert seen[:4].max() == 0  # as in MNIST: 20 pixels of ink on black
    assert seen.max() == 255
    assert "inverted, ink of" in told["preparation"]
    assert sum(told["outputs"]) == pytest.approx(1, abs=1e-3)
    assert np.argmax(told["outputs"]) == 3
    assert told["maps"]["convolution_1"]["shape"] == [6, 24, 24]
    assert told["maps"]["dense_1"]["shape"] == [32, 1, 1]


def test_nothing_drawn_is_no_error(ask: Ask, digits_run: str) -> None:
    assert ask("look", run=digits_run, picture=png([(0.5, 0.5)])) == {"blank": True}


def test_silence_changes_what_follows_and_only_for_the_one_who_asks(
    ask: Ask, digits_run: str
) -> None:
    asked = {"run": digits_run, "picture": png(THREE)}
    before = ask("look", **asked)
    silent = ask("look", **asked, silenced={"convolution_1": [0, 1, 2, 3, 4, 5]})
    assert unpacked(before["maps"]["convolution_1"]).max() > 0
    assert unpacked(silent["maps"]["convolution_1"]).max() == 0
    assert ask("look", **asked) == before
    one = ask("look", **asked, silenced={"convolution_1": [2]})
    maps = unpacked(one["maps"]["convolution_1"])
    assert maps[2].max() == 0
    assert maps[[0, 1, 3, 4, 5]].max() > 0


def test_sliders_change_what_the_network_sees(ask: Ask, digits_run: str) -> None:
    asked = {"run": digits_run, "picture": png(THREE)}
    straight = unpacked(ask("look", **asked)["seen"])
    shifted = unpacked(ask("look", **asked, distortion={"right": 3 / 28})["seen"])
    np.testing.assert_array_equal(shifted[:, 3:], straight[:, :-3])
    noisy = unpacked(ask("look", **asked, distortion={"noise": 0.3})["seen"])
    assert noisy[:3].std() > 20


def test_a_distortion_turns_clockwise_and_keeps_the_background() -> None:
    image = np.full((9, 9, 1), 255, np.uint8)
    image[0, 4] = 0  # a dot at the top
    turned = distort(image, Distortion(turn=90))
    assert turned[4, 8] == 0  # is at the right
    assert (turned == 255).sum() == 80
    small = distort(image, Distortion(scale=0.5))
    assert small[2, 4] < 255
    assert small[0].min() == 255
    np.testing.assert_array_equal(distort(image, Distortion()), image)


@pytest.mark.parametrize(
    "method", ["grad-cam", "saliency", "smooth-grad", "integrated-gradients", "occlusion"]
)
def test_each_explanation_is_a_heat_map_of_the_class(
    ask: Ask, digits_run: str, method: str
) -> None:
    asked = {"run": digits_run, "picture": png(THREE), "method": method}
    told = ask("explain", **asked)
    heat = unpacked(told["heat"])
    assert told["label"] == 3
    assert heat.shape == (28, 28)
    assert heat.max() > heat.min()
    other = unpacked(ask("explain", **asked, label=8)["heat"])
    assert np.abs(other - heat).max() > 0


def test_the_smallest_change_flips_and_a_smaller_one_does_not(ask: Ask, digits_run: str) -> None:
    asked = {"run": digits_run, "picture": png(THREE)}
    told = ask("flip", **asked)
    assert np.argmax(told["outputs"]) != 3
    before = unpacked(ask("look", **asked)["seen"]).astype(int)
    changed = unpacked(told["image"]).astype(int)
    assert np.abs(changed - before).max() == told["amount"]


def test_filters_are_the_weights(ask: Ask, digits_run: str) -> None:
    told = ask("filters", run=digits_run, layer="convolution_1")["filters"]
    assert told["shape"] == [6, 1, 5, 5]
    silent = ask("filters", run=digits_run, layer="convolution_1", silenced={"convolution_1": [4]})
    weights = unpacked(silent["filters"])
    assert np.abs(weights[4]).max() < np.abs(weights[3]).max() / 50


def test_similar_and_exciting_images_are_training_images(ask: Ask, digits_run: str) -> None:
    near = ask("nearest", run=digits_run, picture=png(THREE))
    assert near["images"]["shape"] == [9, 28, 28, 1]
    assert near["names"].count("3") >= 5
    exciting = ask("exciting", run=digits_run, layer="output", unit=7)
    assert exciting["names"].count("7") >= 7
    maximized = ask("maximized", run=digits_run, layer="convolution_1", unit=1)
    assert maximized["image"]["shape"] == [28, 28, 1]


def test_an_upload_comes_back_small_and_whole(app: Any) -> None:
    from runner.play.given_pictures import small_png

    file = BytesIO()
    Image.new("RGB", (2000, 1000), "red").save(file, "JPEG")
    with Image.open(BytesIO(small_png(file.getvalue()))) as small:
        assert small.size == (512, 256)
        assert small.getpixel((0, 0)) == (254, 0, 0)


def test_regions_after_each_epoch(ask: Ask, plane_run: str) -> None:
    last = ask("regions", run=plane_run)
    assert last["epochs"] == [0, 1, 2, 3, 4, 5]
    assert last["epoch"] == 5
    assert last["colors"]["shape"] == [80, 80, 3]
    assert last["units"]["dense_1"]["shape"] == [3, 80, 80]
    assert len(last["points"]["train"]) == 40
    first = ask("regions", run=plane_run, epoch=0)
    assert first["epoch"] == 0
    assert np.abs(unpacked(first["colors"]).astype(int) - unpacked(last["colors"])).max() > 5
    assert ask("regions", run=plane_run, epoch=5)["colors"] == last["colors"]


def test_names_come_in_the_language_of_the_page(ask: Ask, plane_run: str) -> None:
    assert ask("regions", run=plane_run, language="pt")["names"] == ["de cima", "de baixo"]


def test_targets_are_described_by_their_task() -> None:
    describe = explanations.describe_targets
    assert describe(Classification(["cat", "dog"]), np.array([1, 0])) == ["dog", "cat"]
    labels = np.array([[1, 1], [0, 0]])
    assert describe(MultiLabel(["circle", "square"]), labels) == ["circle, square", ""]
    numbers = np.array([[0.0, 2.5]], np.float32)
    assert describe(Regression(["age", "size"]), numbers) == ["age 0, size 2.5"]
