"""Input files that a network's training data came from, on which its error is no honest one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runner.base.errors import RunnerError
from runner.base.option_types import Language
from runner.datasets.file_search import find_files
from runner.predict.inputs import input_tables
from runner.predict.inputs.input_files import list_input_files
from runner.predict.predict_language import FROM_THERE, in_language
from runner.tracking.trained_network import TrainedNetwork


def trained_files_note(
    trained: TrainedNetwork, files: Sequence[Path], language: Language
) -> str | None:
    """Return a note where files are those that a network's training data came from, or None.

    Arrays are not judged: a file of them holds training and test images, and --key says which.
    """
    source = _training_source(trained)
    if source is None:
        return None
    used = {path.resolve() for path in list_input_files([source], is_table=source.is_file())[0]}
    count = sum(path.resolve() in used for path in files)
    if not count:
        return None
    some, every = f"{count} of {len(files)} files are from", "all that was read is from"
    found = in_language(f"note: {every if count == len(files) else some}", language)
    return f"{found} {source}{in_language(FROM_THERE, language)}"


def _training_source(trained: TrainedNetwork) -> Path | None:
    """Return the folder of pictures or the CSV file of the training data, where it is found."""
    if not trained.configuration or trained.is_untrained:
        return None
    with suppress(RunnerError):  # a network predicts without its data set, too
        dataset = trained.own_dataset()
        for path in (find_files(dataset.source(), dataset.data_dir) or [])[:1]:
            if path.is_dir() or path.suffix.lower() in input_tables.SUFFIXES:
                return path
    return None
