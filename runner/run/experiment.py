"""The outline of a run, from a checked configuration to a stored result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from runner.base import console
from runner.base.device import Device, prepare_device
from runner.base.environment import describe_environment, git_state
from runner.base.errors import FigureError
from runner.base.gpu import describe_gpus
from runner.base.language import errors_in
from runner.config.run_config import Config
from runner.datasets.loader import load_dataset
from runner.datasets.splits import Dataset
from runner.evaluation.assessment import assess
from runner.evaluation.baselines.baseline_comparison import Baselines
from runner.evaluation.split_losses import measure_losses
from runner.run import run_display
from runner.run.deleted_folder import note_if_gone
from runner.run.earlier_networks import find_earlier
from runner.run.early_imports import import_early
from runner.run.init_from import InitFrom
from runner.run.interruption import saying_what_is_stored
from runner.run.job import Job
from runner.run.recorder import RunRecorder
from runner.run.result import Result
from runner.run.run_figures import are_named
from runner.run.run_opening import open_recorder
from runner.tracking.run_finder import OUTPUTS
from runner.training.device_memory import naming_memory
from runner.training.stages import taken
from runner.training.trained import Training
from runner.training.trainer import Trainer
from runner.training.warm_start import Start


def run(job: Job) -> dict[str, Any]:
    """Train and evaluate one configuration with each of its seeds, and record the results.

    Returns:
        statistics of errors and times over the seeds; see `runner.run.result.summarize`.

    Raises:
        FigureError: figures failed, once all else is finished.
    """
    with errors_in(job.config.language), saying_what_is_stored(job.folder):
        return _end(job, _recorded(job))


def _recorded(job: Job) -> RunRecorder:
    """Train and evaluate; return the recorder, closed."""
    config = job.config
    store = config.tracking.open(OUTPUTS)  # which takes its time to start, beside what follows
    earlier = find_earlier(config)
    earlier.check_apart(job.folder)
    device, environment = _prepare(config)
    run_display.show_configuration(config, device)
    if earlier.teachers:
        run_display.show_teachers(earlier.teachers, config.language)
    data = load_dataset(config.dataset, config.language)
    earlier.check_data(config, data)
    with open_recorder(job, store, data, environment, earlier) as recorder:
        with naming_memory(config, device):
            trainer = Trainer(
                config,
                data.train,
                data.validation,
                data.task,
                device,
                remaining=len(recorder.remaining_seeds),
                teachers=earlier.teacher_files,
                say=console.say,
            )
        before = earlier.init_from.trained_on if earlier.init_from else None
        baselines = Baselines(config, trainer.model, data, device.is_gpu, before)
        evaluation = _Evaluation(config, data, device.is_gpu, baselines)
        checkpoints = recorder.checkpoints()
        import_early(config, recorder.pool)  # beside the compilation, which Python waits for
        for group in trainer.groups(recorder.remaining_seeds, checkpoints):
            with recorder.seeds(group) as records, naming_memory(config, device, len(group)):
                observers = [records[seed].observers for seed in group]
                starts = [_start(trainer, earlier.init_from, seed, data.name) for seed in group]
                kept = [checkpoints[seed] for seed in group]
                for seed, training in trainer.fit_together(group, observers, starts, kept):
                    recorder.add(records[seed], evaluation.of(seed, training))
        recorder.close()
        results = recorder.reports, recorder.summary
        run_display.show_results(*results, config.dataset.items, config.language)
    return recorder


@dataclass(frozen=True)
class _Evaluation:
    """The evaluation of the networks of a run, and of baselines on their features."""

    config: Config
    data: Dataset
    xla: bool
    baselines: Baselines

    def of(self, seed: int, training: Training) -> Result:
        """Return the result of a seed."""
        with console.busy("testing"):
            evaluated = assess(training.model, self.data, self.xla, self.config.evaluation)
            losses = measure_losses(training.model, self.data, self.config, self.xla)
        comparison = self.baselines.compare(training.model, seed, console.working)
        examples = self.data.test.examples
        return Result(seed, training, *evaluated, losses, comparison, examples)


def _prepare(config: Config) -> tuple[Device, dict[str, str]]:
    """Set the device up; return it, and where the run takes place."""
    with ThreadPoolExecutor() as threads:  # programs that take their time, as TensorFlow does
        driver, commit = threads.submit(describe_gpus), threads.submit(git_state)
        device = prepare_device(config.device, config.precision, config.deterministic)
    return device, describe_environment(driver.result()) | commit.result()


def _start(trainer: Trainer, init_from: InitFrom | None, seed: int, dataset: str) -> Start | None:
    """Load and show the network that the training of a seed starts from, if any."""
    if init_from is None:
        return None
    trained = init_from.networks[seed]
    start = trainer.start(trained.network)
    run_display.show_init_from(
        trained.network, taken(start, trainer.stages), (trained.trained_on, dataset)
    )
    return start


def _end(job: Job, recorder: RunRecorder) -> dict[str, Any]:
    """Print where the files of a run are, and return its summary; raise FigureError."""
    lines = {"figures": ", ".join(recorder.drawn)} if recorder.drawn else {}
    if recorder.not_drawn and are_named(job.config.figures):
        lines["not drawn"] = run_display.not_drawn_text(recorder.not_drawn, job.config.language)
    lines |= recorder.store.whereabouts(recorder.run.run_id)
    run_display.show_whereabouts(job.folder, lines, job.config.language)
    note_if_gone(job.folder)
    if failed := recorder.failed:
        raise FigureError(failed, recorder.summary) from next(iter(failed.values()))
    return recorder.summary
