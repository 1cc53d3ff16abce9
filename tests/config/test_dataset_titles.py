"""Titles of data sets in Portuguese."""

from runner.config.dataset_titles import PORTUGUESE, title_in_language
from runner.datasets import catalog


def test_every_title_of_a_data_set_is_in_portuguese_and_none_is_left_over() -> None:
    assert set(PORTUGUESE) == {catalog.configured(name).title for name in catalog.names()}


def test_a_title_of_a_user_stays_as_it_is() -> None:
    assert title_in_language("Leaves of my garden", "pt") == "Leaves of my garden"
    assert title_in_language("Banknotes", "en") == "Banknotes"
