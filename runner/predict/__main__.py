"""`python -m runner.predict`: from the command line to answers."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from runner.base import device
from runner.base.command import run_command
from runner.base.console import note
from runner.base.errors import ConfigurationError, DataError
from runner.figures.figure_files import save_figure
from runner.predict import predict_arguments, prediction_formats
from runner.predict import prediction as answers
from runner.predict.inputs import input_tables
from runner.predict.inputs.input_files import (
    FOLDER,
    InputReader,
    check_truth,
    gather,
    list_input_files,
)
from runner.predict.inputs.picture_fitting import Frame
from runner.predict.inputs.sample import Failure, Sample
from runner.predict.prediction import Answers
from runner.predict.prediction_task import PredictionTask, understand
from runner.predict.seen_images import draw_seen
from runner.tracking.trained_network import Trained, find_network


def main() -> int:
    """Predict what the command line names; the exit code is 0 where everything could be read."""
    return run_command(predict)


def predict(arguments: Sequence[str]) -> bool:
    """Answer what a command line asks; tell whether everything could be read."""
    asked = predict_arguments.parse(arguments)

    trained = find_network(asked.run, asked.seed, asked.uri)
    task, networks = understand(trained, asked), _networks(trained, asked)
    files = _files(task, asked)
    answers = _answer(networks, task, files, asked)
    if len(answers.failures) == 1 and not answers.answers:
        (failure,) = answers.failures
        raise DataError(f"{failure.name}: {failure.reason}")
    _write(answers, task, networks, asked)
    if asked.show and answers.seen:
        language = asked.language or trained.language
        for path in save_figure(
            draw_seen(answers, task.class_names, language), asked.show.with_suffix("")
        ):
            note(f"drawn     {path}")
    return not answers.failures


def _networks(trained: Trained, asked: Namespace) -> list[Trained]:
    networks = trained.seeds if asked.ensemble else [trained]
    if asked.ensemble and len(networks) == 1:
        raise ConfigurationError(
            f"--ensemble: {trained.network} is one network; expected a run with several seeds"
        )
    return networks


def _files(task: PredictionTask, asked: Namespace) -> list[Path]:

    is_table = task.dataset is not None and task.dataset.is_table
    files, left_out = list_input_files(asked.files, is_table)
    if left_out:
        listed = ", ".join(map(str, left_out[:5])) + ", ..." * (len(left_out) > 5)  # noqa: PLR2004
        note(f"left out  {len(left_out)} by their names: {listed}")
    if asked.truth:
        check_truth(files, asked.truth, is_table)
    if asked.truth == FOLDER:
        task.check_folders(files)
    return files


def _answer(
    networks: list[Trained], task: PredictionTask, files: list[Path], asked: Namespace
) -> Answers:

    place = device.prepare_device("auto", "float32", deterministic=False)

    models = answers.load_models(networks, task, asked)
    shape = task.dataset.shape if task.dataset else answers.image_shape(models[0])
    chunks = _chunks(files, task.frame(shape, asked), asked)
    return answers.answer(models, task, chunks, place.is_gpu)


def _chunks(files: list[Path], frame: Frame, asked: Namespace) -> Iterable[list[Sample | Failure]]:

    if asked.values:
        return [list(input_tables.from_values(asked.values, frame.shape))]
    return gather(files, InputReader(frame, asked.key, asked.truth))


def _write(
    answers: Answers, task: PredictionTask, networks: list[Trained], asked: Namespace
) -> None:
    """Write the answers; what is no answer goes to the other stream, so that files stay clean."""

    paths = [str(trained.network) for trained in networks]
    for path in paths:
        note(f"network   {path}")
    text = _text(answers, task, paths, asked)
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")
        note(f"written   {asked.output}")
    else:
        sys.stdout.write(text)
        sys.stdout.flush()
    for line in prediction_formats.closing(answers):
        note(line)


def _text(answers: Answers, task: PredictionTask, paths: list[str], asked: Namespace) -> str:

    names = task.class_names
    if asked.format == "json":
        as_json = (
            prediction_formats.numbers_as_json if task.is_numbers else prediction_formats.as_json
        )
        return as_json(answers, names, paths)
    if asked.format == "csv":
        return (
            prediction_formats.numbers_as_csv if task.is_numbers else prediction_formats.as_csv
        )(answers, names)
    if not answers.answers:
        return ""
    if task.is_numbers:
        return prediction_formats.numbers_as_table(answers, names)
    return prediction_formats.as_table(answers, names, asked.top)


if __name__ == "__main__":
    sys.exit(main())
