"""The note beside a run: the header of its experiment, in whole sentences."""

from collections.abc import Callable

from runner.config.run_config import Config
from runner.run.run_note import run_note


def test_a_header_of_several_lines_is_one_paragraph(configure: Callable[..., Config]) -> None:
    note = run_note(configure("experiment=mlp1"))
    first, facts, _ = note.split("\n\n", 2)
    assert first.startswith("The course's first dense network: one hidden layer")
    assert first.endswith("has a mean and a variance for each column of pixels.")
    assert facts.startswith("- **command** python -m runner experiment=mlp1\n- **hardware** ")


def test_what_stands_below_the_facts_is_no_fact(configure: Callable[..., Config]) -> None:
    note = run_note(configure("experiment=mnist-best"))
    assert "\n\nChosen among six on 10,000 validation images: " in note
    assert "**Chosen**" not in note


def test_a_run_of_no_experiment_says_network_and_data(configure: Callable[..., Config]) -> None:
    note = run_note(configure("model=lenet", "dataset=fashion"))
    assert note.startswith("Convolution and max pooling twice, then dense layers (cnn1, cnn2). ")
    assert "python -m runner inspect lenet-fashion " in note
