"""The command `python -m runner.predict`: predictions for the user's own inputs."""

from __future__ import annotations

import runner.base.early_interrupt  # noqa: F401 - first, since imports take a second

# isort: split
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from runner.base.atomic_files import write_text
from runner.base.command import run_command
from runner.base.console import note
from runner.base.device import prepare_device
from runner.base.errors import ConfigurationError, DataError
from runner.base.language import errors_in
from runner.base.option_types import Language
from runner.figures.figure_files import save_figure
from runner.predict import prediction_formats
from runner.predict.drawn_inputs import draw_inputs
from runner.predict.inputs import input_tables
from runner.predict.inputs.input_files import (
    FOLDER,
    InputReader,
    check_truth,
    gather,
    list_input_files,
)
from runner.predict.inputs.sample import Failure, Sample
from runner.predict.predict_arguments import PredictArguments, parse_arguments
from runner.predict.predict_language import UNTRAINED, in_language, labeled
from runner.predict.prediction import PredictionResults, image_shape, load_models, predict_inputs
from runner.predict.prediction_forms import form_of
from runner.predict.prediction_task import PredictionTask, prediction_task
from runner.predict.trained_files import trained_files_note
from runner.tracking.trained_network import TrainedNetwork

_LISTED = 5


def main() -> int:
    """Predict what the command line names; the exit code is 0 where everything could be read."""
    return run_command(_run)


def _run(arguments: Sequence[str]) -> bool:
    return predict(parse_arguments(arguments))


def predict(arguments: PredictArguments) -> bool:
    """Predict the inputs of a command line, and write the predictions.

    Returns:
        whether all inputs could be read.
    """
    trained = arguments.network.find()
    with errors_in(arguments.network.language or trained.language):
        return _predicted(trained, arguments)


def _predicted(trained: TrainedNetwork, arguments: PredictArguments) -> bool:
    task = prediction_task(trained, arguments)
    networks = _networks(trained, arguments.ensemble)
    files = _files(task, arguments)
    results = _predict(networks, task, files, arguments)
    if len(results.failures) == 1 and not results.predictions:
        (failure,) = results.failures
        raise DataError(f"{failure.name}: {failure.reason}")
    note(labeled("of", task.description, task.language))
    text = _text(results, task, networks, arguments)
    _write(text, results, networks, arguments.output, task.language)
    if results.with_truth and (known := trained_files_note(trained, files, task.language)):
        note(known)
    if arguments.show and results.drawable:
        figure = draw_inputs(results, task)
        for path in save_figure(figure, arguments.show.with_suffix("")):
            note(labeled("drawn", str(path), task.language))
    return not results.failures


def _networks(trained: TrainedNetwork, ensemble: bool) -> list[TrainedNetwork]:
    networks = trained.seeds if ensemble else [trained]
    if ensemble and (missing := trained.missing_seeds):
        listed = ", ".join(map(str, missing))
        note(
            f"note: averages {len(networks)} of {len(networks) + len(missing)} networks: the run "
            f"was not finished, seeds {listed} are missing"
        )
    if ensemble and len(networks) == 1:
        raise ConfigurationError(
            f"--ensemble: {trained.network} is one network; expected a run with several seeds"
        )
    return networks


def _files(task: PredictionTask, arguments: PredictArguments) -> list[Path]:
    """Return the files to be read, and check that --truth applies to them."""
    is_table = task.dataset is not None and task.dataset.is_table
    files, left_out = list_input_files(arguments.files, is_table)
    if left_out:
        listed = ", ".join(map(str, left_out[:_LISTED])) + ", ..." * (len(left_out) > _LISTED)
        count = in_language(f"{len(left_out)} by their names", task.language)
        note(labeled("left out", f"{count}: {listed}", task.language))
    if arguments.truth:
        check_truth(files, arguments.truth, is_table)
    if arguments.truth == FOLDER:
        task.check_folders(files)
    return files


def _predict(
    networks: list[TrainedNetwork],
    task: PredictionTask,
    files: list[Path],
    arguments: PredictArguments,
) -> PredictionResults:
    device = prepare_device("auto", "float32", deterministic=False)
    models = load_models(networks, task, arguments.network.scale)
    shape = task.dataset.shape if task.dataset else image_shape(models[0])
    frame = task.frame(shape, arguments.fit, arguments.polarity)
    reader = InputReader(frame, arguments.key, arguments.truth, task.features)
    return predict_inputs(models, task, _chunks(files, reader, arguments.values), device.is_gpu)


def _chunks(
    files: list[Path], reader: InputReader, numbers: Sequence[float] | None
) -> Iterable[list[Sample | Failure]]:
    if numbers:
        return [list(input_tables.from_values(numbers, reader.frame.shape))]
    return gather(files, reader)


def _write(
    text: str,
    results: PredictionResults,
    networks: list[TrainedNetwork],
    output: Path | None,
    language: Language,
) -> None:
    """Write the predictions; all else goes to standard error, so that a file stays clean."""
    if networks[0].is_untrained:
        note(in_language(UNTRAINED, language))
    for trained in networks:
        note(labeled("network", str(trained.network), language))
    if output:
        write_text(output, text)
        note(labeled("written", str(output), language))
    else:
        sys.stdout.write(text)
        sys.stdout.flush()
    for line in prediction_formats.summary_lines(results, language):
        note(line)


def _text(
    results: PredictionResults,
    task: PredictionTask,
    networks: list[TrainedNetwork],
    arguments: PredictArguments,
) -> str:
    names, form = task.names, form_of(task.task)
    match arguments.format:
        case "json":
            paths = [str(trained.network) for trained in networks]
            return prediction_formats.as_json(results, names, form, paths)
        case "csv":
            return prediction_formats.as_csv(results, names, form)
        case "table":
            return prediction_formats.as_table(
                results, names, form, top=arguments.top, language=task.language
            )


if __name__ == "__main__":
    sys.exit(main())
