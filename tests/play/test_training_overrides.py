"""The command line of a training that is started from the page."""

import pytest

from runner.config import composition
from runner.play.play_requests import TrainingRequest
from runner.play.training_overrides import training_overrides


def test_the_command_says_what_was_changed_and_composes() -> None:
    asked = TrainingRequest("mnist", "lenet", "adam", 5, 0.001, 100, 1000, 0.1)
    overrides = training_overrides(asked)
    assert overrides[:3] == ["dataset=mnist", "model=lenet", "training.epochs=5"]
    config = composition.compose_job(overrides)
    assert (config.dataset.train_size, config.dataset.validation_fraction) == (1000, 0.1)
    small = TrainingRequest(
        "moons", "dense", "adam", 3, 0.01, 10, hidden_layers=2, activation="tanh"
    )
    plane = composition.compose_job(training_overrides(small))
    assert plane.model.options["hidden_units"] == [8, 8]
    assert list(plane.figures) == ["learning-curves", "decision-regions"]


@pytest.mark.parametrize(
    ("dataset", "size", "said"),
    [("mnist", 60_000, False), ("mnist", 500, True), ("cats-dogs", 50, True)],
)
def test_fewer_images_are_taken_where_the_number_of_all_is_unknown_too(
    dataset: str, size: int, said: bool
) -> None:
    asked = TrainingRequest(dataset, "lenet", "adam", 5, 0.001, 100, size)
    assert (f"dataset.train_size={size}" in training_overrides(asked)) == said
