"""The nearest name to a mistyped one."""

import pytest

from runner.base.suggestions import nearest


def test_an_option_whose_own_word_is_another_is_not_proposed() -> None:
    names = ["training.epochs", "training.loss", "training.batch_size"]
    for word in ("training.epoch", "treining.epochs"):
        assert nearest(word, names) == "; did you mean training.epochs?"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("InceptionResNetV2", "inception-resnet-v2"),
        ("fashion_mnist", "fashion"),
        ("KMNIST", "kmnist"),
        ("VGG3x3", "vgg-3x3"),
        ("Learning_Rate", "optimizer.learning_rate"),
    ],
)
def test_capitals_and_joints_do_not_hide_the_nearest_name(word: str, name: str) -> None:
    names = ["inception-resnet-v2", "fashion", "kmnist", "vgg-3x3", "optimizer.learning_rate"]
    assert nearest(word, names).startswith(f"; did you mean {name}")
