"""A search for the best configuration by validation errors, with Optuna.

The test images stay untouched until the best configuration is trained on all training images.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from runner.base.console import note
from runner.base.errors import ConfigurationError
from runner.base.lazy import matplotlib, optuna
from runner.base.objective import objective_values
from runner.base.option_types import Count, Natural
from runner.config.naming import job_name
from runner.config.search_path import copy_conf
from runner.sweeps.jobs import BEST, Outcome, SweepJob, Template
from runner.sweeps.plan import Plan
from runner.sweeps.search_space import Space
from runner.sweeps.study import open_study
from runner.tracking.processes import PROCESS, is_alive, this_process

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DUPLICATES = 100
"""Number of consecutive repeated proposals after which the space counts as exhausted."""

Expressions = dict[str, str]


def search(
    template: Template,
    *,
    trials: Count,
    space: Annotated[Expressions, Field(min_length=1)],
    when: dict[str, Expressions] | None = None,
    final_seeds: Count = 10,
    startup_trials: Natural = 10,
    warmup_epochs: Natural = 5,
    storage: str | None = None,
) -> Plan:
    """Search for the configuration with the smallest validation error, or MSE, over its seeds.

    Args:
        template: of the jobs.
        trials: number of configurations.
        space: KEY: EXPRESSION of the values that vary; see `runner.sweeps.search_space`.
        when: for KEY=VALUE, further values that vary.
        final_seeds: number of seeds of the best configuration, trained on all training images and
            tested.
        startup_trials: number of trials that are drawn at random and never pruned.
        warmup_epochs: number of epochs before a trial may be pruned.
        storage: SQLAlchemy address of the study; None means SQLite in the folder of the sweep.
    """
    url = storage or f"sqlite:///{template.folder / 'study.db'}"
    settings = {"storage": url, "study": template.sweep, "startup_trials": startup_trials}
    settings["warmup_epochs"] = warmup_epochs
    return Search(template, Space(space, when or {}), trials, final_seeds, settings)


class Search:
    """A search on a stored Optuna study; see `search`."""

    def __init__(
        self,
        template: Template,
        space: Space,
        trials: int,
        final_seeds: int,
        settings: dict[str, Any],
    ) -> None:
        self._template, self._space = template, space
        self._trials, self._final_seeds = trials, final_seeds
        self._settings = settings
        self._opened: optuna.Study | None = None
        self._running: dict[str, optuna.Trial] = {}
        self._failed: list[dict[str, str]] = []
        for choices in space.samples():
            job = template.job(choices)
            _check_untested(job)
        options = job.job.config.tracking.store.options
        self._logged = ["tracking.log_model=true"] if "log_model" in options else []
        self._final_job(choices)

    def phases(self) -> Iterator[Iterable[SweepJob]]:
        """Yield the trials as one group, and the best configuration as another."""
        self._template = _frozen(self._template)
        self._opened = _open(self._settings)
        _repeat_unfinished(self._study)
        yield self._proposed()
        if self._completed():
            yield [self._final_job(self._study.best_trial.user_attrs["choices"])]

    def tell(self, outcome: Outcome) -> None:
        """Report the outcome of a trial to the study."""
        trial = self._running.pop(outcome.job.name, None)
        if trial is None:
            return  # the best configuration is not a trial
        if outcome.ending.status == "finished":
            self._study.tell(trial, objective_values(outcome.ending.summary)["validation"]["mean"])
        elif outcome.ending.status == "pruned":
            self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            self._failed.append(trial.user_attrs["choices"])
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)

    def best_error(self) -> float | None:
        """Return the validation error, or MSE, of the best trial."""
        return self._study.best_value if self._completed() else None

    def figures(self) -> dict[str, Figure]:
        """Return Optuna's history, importances and parallel coordinates, of two or more trials."""
        return _draw(self._study) if len(self._completed()) > 1 else {}

    @property
    def _study(self) -> optuna.Study:
        assert self._opened is not None
        return self._opened

    def _proposed(self) -> Iterator[SweepJob]:
        while len(self._tried()) < self._trials:
            proposed = self._ask()
            if proposed is None:
                return
            trial, choices = proposed
            target = {"_target_": "runner.sweeps.pruning.pruning", "trial": trial.number}
            try:
                job = self._template.job(choices, callbacks={"pruning": target | self._settings})
            except ConfigurationError as error:  # values that do not go together
                note(f"left out  {job_name(choices)}: {error}")
                self._failed.append(choices)
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
                continue
            self._running[job.name] = trial
            yield job

    def _ask(self) -> tuple[optuna.Trial, dict[str, str]] | None:
        """Let the study propose choices it has not tried; None where it finds none."""
        before, sampler = self._tried(), self._study.sampler
        try:
            for _ in range(_DUPLICATES):
                trial = self._study.ask()
                choices = self._space.suggest(trial)
                if choices not in before:
                    trial.set_user_attr(PROCESS, this_process())
                    trial.set_user_attr("choices", choices)
                    return trial, choices
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
                # TPE learns nothing from a repetition, and would propose the same forever
                self._study.sampler = optuna.samplers.RandomSampler()
        finally:
            self._study.sampler = sampler
        return None

    def _final_job(self, choices: dict[str, str]) -> SweepJob:
        whole = [
            "dataset.validation_fraction=0",
            "evaluation.test=true",
            f"seeds={self._final_seeds}",
            *self._logged,
        ]
        return self._template.job(choices, name=BEST, overrides=whole)

    def _tried(self) -> list[dict[str, str]]:
        """Return the choices of trials that ended or run, and of failures of this start."""
        states = (
            optuna.trial.TrialState.COMPLETE,
            optuna.trial.TrialState.PRUNED,
            optuna.trial.TrialState.RUNNING,
        )
        trials = self._study.get_trials(deepcopy=False, states=states)
        return [*filter(None, map(_choices, trials)), *self._failed]

    def _completed(self) -> list[optuna.trial.FrozenTrial]:
        if self._opened is None:  # what opens it failed, and is said
            return []
        return self._study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))


def _check_untested(job: SweepJob) -> None:
    config = job.job.config
    if config.evaluation.test or not config.dataset.has_validation:
        raise ConfigurationError(
            "a search needs evaluation.test=false and dataset.validation_fraction above 0: it "
            "chooses by validation images and leaves the test images to the best configuration"
        )


def _frozen(template: Template) -> Template:
    """Copy the configuration files at the first start of a search; later starts use the copy."""
    copy = template.folder / "conf"
    if not copy.is_dir():
        unfinished = template.folder / "conf.part"
        copy_conf(unfinished, template.conf)
        unfinished.rename(copy)
    return replace(template, conf=copy)


def _open(settings: dict[str, Any]) -> optuna.Study:
    options = {name: value for name, value in settings.items() if name not in ("storage", "study")}
    return open_study(settings["storage"], settings["study"], **options)


def _repeat_unfinished(study: optuna.Study) -> None:
    """Queue trials again that failed, or whose process died; another may search here, too."""
    trials, ended = study.get_trials(deepcopy=False), []
    for trial in trials:
        running = trial.state == optuna.trial.TrialState.RUNNING
        if running and not is_alive(trial.user_attrs.get(PROCESS, "")):
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        elif trial.state != optuna.trial.TrialState.FAIL:
            ended.append(_choices(trial))
    for trial in trials:
        choices = _choices(trial)
        if choices is not None and choices not in ended:
            ended.append(choices)
            study.enqueue_trial(trial.params)


def _choices(trial: optuna.trial.FrozenTrial) -> dict[str, str] | None:
    """Return the choices of a trial; None for a proposal that was not run."""
    return trial.user_attrs.get("choices")


def _draw(study: optuna.Study) -> dict[str, Figure]:
    plots: dict[str, Callable[[optuna.Study], Axes]] = {
        "optuna-history": optuna.visualization.matplotlib.plot_optimization_history,
        "optuna-importances": optuna.visualization.matplotlib.plot_param_importances,
        "optuna-parallel-coordinates": optuna.visualization.matplotlib.plot_parallel_coordinate,
    }
    figures = {}
    with (
        matplotlib.rc_context(),
        warnings.catch_warnings(),
    ):  # Optuna changes the style of all figures,
        warnings.simplefilter("ignore")  # and complains of values that are the same in all trials
        matplotlib.pyplot.switch_backend("agg")
        for name, plot in plots.items():
            plot(study)
            figures[name] = matplotlib.pyplot.gcf()
            matplotlib.pyplot.close()
    return figures
