"""Searches: what they choose from, never choose again, give up, and test at the end."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import mlflow
import optuna
import pytest
from calling import call
from optuna.trial import TrialState

from runner import __main__ as program
from runner.base.early_interrupt import INTERRUPTED
from runner.base.errors import ConfigurationError, TrainingError
from runner.evaluation import assessment
from runner.sweeps import search as searching
from runner.sweeps import sweep_session
from runner.sweeps.preparation import check_command
from runner.sweeps.search_space import Space
from runner.sweeps.study import open_study
from runner.tracking import processes
from runner.tracking.found_run import FoundRun
from runner.tracking.mlflow_store import reading_store
from runner.tracking.run_store import StoredRun
from runner.tracking.sweep_records import runs_of_sweep
from runner.training.trainer import Trainer

pytestmark = pytest.mark.usefixtures("eagerly")
TINY = """# @package _global_
dataset: {train_size: 300, validation_fraction: 0.5}
evaluation:
  test: false
seeds: 1
device: cpu
training: {batch_size: 50}
tracking: {log_model: false}
sweep:
  name: tiny
  search:
    _target_: runner.sweeps.search.search
    trials: 3
    final_seeds: 1
    startup_trials: 1
    warmup_epochs: 0
    space:
      model: choice(dense)
      model.hidden_units: choice([2],[32])
      training.epochs: range(1,3)
    when:
      model=dense:
        optimizer.learning_rate: tag(log,interval(1e-5,1e-2))
"""
Search = Callable[..., int]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "conf/sweep").mkdir(parents=True)
    (tmp_path / "conf/sweep/tiny.yaml").write_text(TINY)
    with chdir(tmp_path):
        yield tmp_path


@pytest.fixture
def search(workspace: Path) -> Search:
    """Run the tiny search in this process, and return its exit code."""
    given = [f"hydra.searchpath=[file://{workspace}/conf]", "sweep=tiny", "figures=[]"]
    return lambda *arguments: call(program.main, *given, *arguments).code


def study() -> optuna.Study:
    return optuna.load_study(study_name="tiny", storage="sqlite:///outputs/sweeps/tiny/study.db")


def job_runs() -> list[StoredRun]:
    return [
        run
        for run in runs_of_sweep(reading_store(Path("outputs"), None), "tiny")
        if run.level == "job"
    ]


def states() -> list[TrialState]:
    return [trial.state for trial in study().trials]


def test_a_search_tests_the_best_configuration_alone(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested: list[Any] = []
    evaluate = assessment.evaluate

    def counted(*arguments: Any) -> Any:
        tested.append(arguments)
        return evaluate(*arguments)

    monkeypatch.setattr(assessment, "evaluate", counted)
    assert search("seeds=2", "sweep.search.trials=2", "sweep.search.final_seeds=2") == 0
    assert len(tested) == 2  # the seeds of the best
    *trials, best = job_runs()
    assert best.tags["job"] == "best"
    assert best.metrics["seeds"] == 2
    assert "validation_error" not in best.metrics
    assert best.choices == study().best_trial.user_attrs["choices"]
    assert not [name for run in trials for name in run.metrics if "test" in name]
    assert_mean_validation_error_is_minimized(study().best_trial)


def assert_mean_validation_error_is_minimized(best: optuna.trial.FrozenTrial) -> None:
    run = next(r for r in job_runs() if r.choices == best.user_attrs["choices"])
    found = FoundRun(run.name, None, run, reading_store(Path("outputs"), None))
    seeds = [seed["validation_error"] for seed in found.report()["seeds"]]
    assert best.value == pytest.approx(sum(seeds) / 2)
    values = [trial.value for trial in study().trials if trial.state == TrialState.COMPLETE]
    assert best.value == min(value for value in values if value is not None)


@pytest.mark.slow
def test_hopeless_trials_are_given_up(search: Search) -> None:
    assert search("sweep.search.trials=8") == 0
    pruned = [trial for trial in study().trials if trial.state == TrialState.PRUNED]
    assert pruned
    runs = [run for run in job_runs() if "pruned" in run.tags]
    assert len(runs) == len(pruned)
    assert {run.status for run in runs} == {"KILLED"}
    assert f"{len(pruned)} pruned" in Path("outputs/sweeps/tiny/report.md").read_text()


@pytest.mark.slow
def test_optunas_figures_are_logged_to_the_sweep(search: Search) -> None:
    search()
    whole = next(
        run
        for run in runs_of_sweep(reading_store(Path("outputs"), None), "tiny")
        if run.level == "sweep"
    )
    logged = {file.path for file in mlflow.MlflowClient().list_artifacts(whole.run_id)}
    names = ("history", "importances", "parallel-coordinates")
    assert {f"optuna-{name}.png" for name in names} <= logged


def test_a_search_repeats_nothing_and_goes_on_with_more_trials(search: Search) -> None:
    search("sweep.search.trials=1")
    before = len(job_runs())
    assert search("sweep.search.trials=1") == 0
    assert len(job_runs()) == before
    search("sweep.search.trials=3")
    choices = [trial.user_attrs["choices"] for trial in study().trials if trial.user_attrs]
    assert len(choices) == 3
    assert all(choices.count(one) == 1 for one in choices)


def test_an_exhausted_space_ends_the_search(search: Search, workspace: Path) -> None:
    head, _, _ = TINY.partition("    when:")
    (workspace / "conf/sweep/tiny.yaml").write_text(head)
    assert search("sweep.search.trials=50") == 0
    ended = (TrialState.COMPLETE, TrialState.PRUNED)
    choices = [str(t.user_attrs["choices"]) for t in study().trials if t.state in ended]
    assert len(choices) == len(set(choices)) == 4


def test_interrupted_and_failed_trials_are_repeated(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, calls = Trainer.fit_together, 0

    def disturbed(self: Trainer, seeds: list[int], *rest: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise TrainingError("no luck")
        if calls == 2:
            raise KeyboardInterrupt
        return fit(self, seeds, *rest)

    monkeypatch.setattr(Trainer, "fit_together", disturbed)
    assert search() == INTERRUPTED
    assert states() == [TrialState.FAIL, TrialState.RUNNING]
    unfinished = [trial.user_attrs["choices"] for trial in study().trials]
    assert search() == 0
    ended = (TrialState.COMPLETE, TrialState.PRUNED)
    finished = [t.user_attrs["choices"] for t in study().trials if t.state in ended]
    assert len(finished) == 3
    assert finished[:2] == unfinished


@pytest.mark.parametrize("lives", [True, False])
def test_a_trial_of_another_process_is_repeated_only_where_that_has_died(
    lives: bool, tmp_path: Path
) -> None:
    study = open_study(f"sqlite:///{tmp_path / 'study.db'}", "shared", 1, 0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        host, _, _, boot = processes.this_process().split()
        start = processes._start(other.pid)
        trial = study.ask()
        trial.set_user_attr(processes.PROCESS, f"{host} {other.pid} {start} {boot}")
        trial.set_user_attr("choices", {"seed": "0"})
        if not lives:
            other.communicate(b"\n")
        searching._repeat_unfinished(study)
    told = [one.state for one in study.trials]
    assert told == ([TrialState.RUNNING] if lives else [TrialState.FAIL, TrialState.WAITING])


def test_a_trial_that_was_stored_but_not_told_counts_all_the_same(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the process dies between the two."""

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(searching.Search, "tell", killed)
        assert search() == INTERRUPTED
    assert (states(), [run.status for run in job_runs()]) == ([TrialState.RUNNING], ["FINISHED"])
    (stored,) = job_runs()
    assert search() == 0
    assert stored in job_runs()
    told = [t.value for t in study().trials if t.state == TrialState.COMPLETE]
    assert stored.metrics["validation_error"] in told
    assert TrialState.RUNNING not in states()


def test_values_that_do_not_go_together_are_left_out(
    workspace: Path,
) -> None:
    space = """    space:
      training.loss: choice(auto,sparse_categorical_crossentropy)
      training.label_smoothing: choice(0.1,0.0)
"""
    head = TINY.partition("    space:")[0]
    (workspace / "conf/sweep/tiny.yaml").write_text(head + space)
    small = ("model=dense", "model.hidden_units=[2]", "training.epochs=1")
    given = [f"hydra.searchpath=[file://{workspace}/conf]", "sweep=tiny", "figures=[]", *small]
    for _ in range(2):
        said = call(program.main, *given, "sweep.search.trials=12")
        assert said.code == 0, said.error
        assert "left out  loss=sparse_categorical_crossentropy,label_smoothing=0.1: " in said.error
    run = (TrialState.COMPLETE, TrialState.PRUNED)  # one that is worse may be given up
    ended = [str(t.user_attrs["choices"]) for t in study().trials if t.state in run]
    assert len(ended) == len(set(ended)) == 3


def test_the_winner_is_registered_where_a_process_died_before(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    small = ("sweep.search.trials=1", "tracking.log_model=true")
    with monkeypatch.context() as patch:
        patch.setattr(sweep_session._Session, "_crown", killed)
        assert search(*small) == INTERRUPTED
    registry = mlflow.MlflowClient("sqlite:///outputs/mlflow.db")
    assert list(registry.search_registered_models()) == []
    assert search(*small) == 0
    assert [one.name for one in registry.search_registered_models()] == ["mnist"]


def test_a_damaged_study_is_said_alone(search: Search) -> None:
    assert search("sweep.search.trials=1") == 0
    Path("outputs/sweeps/tiny/study.db").write_bytes(b"no database" * 100)
    given = [f"hydra.searchpath=[file://{Path.cwd()}/conf]", "sweep=tiny", "figures=[]"]
    said = call(program.main, *given)
    assert "no study can be read from this database" in said.error
    assert "AttributeError" not in said.error


@pytest.mark.slow
def test_files_edited_during_a_search_do_not_change_it(
    search: Search, monkeypatch: pytest.MonkeyPatch, workspace: Path
) -> None:
    search("sweep.search.trials=1")
    frozen = workspace / "outputs/sweeps/tiny/conf/config.yaml"
    assert "training" in frozen.read_text()
    frozen.write_text(frozen.read_text().replace("label_smoothing: 0.0", "label_smoothing: 0.25"))
    search("sweep.search.trials=2", "training.loss=categorical_crossentropy")
    params = mlflow.MlflowClient().get_run(job_runs()[-1].run_id).data.params
    assert params["label_smoothing"] == "0.25"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("evaluation.test=true", ["evaluation.test=false"]),
        ("dataset.validation_fraction=0", ["evaluation.test=false"]),
        ("sweep.search.trials=0", ["sweep.search.trials=0"]),
        ("sweep.search.trails=5", ["trails", "did you mean"]),
        ("+sweep.search.space.seed=interval(", ["interval"]),
        ("+sweep.search.space.modle=choice(dense,lenet)", ["modle", "did you mean model"]),
        ("+sweep.search.space.seed=choice(1,-1)", ["seed=-1"]),
        ("-m seed=1,2", ["seed", "sweep.search.space"]),
    ],
)
def test_a_bad_search_is_refused(arguments: str, words: list[str], workspace: Path) -> None:
    flags = [a for a in arguments.split() if a == "-m"]
    values = [a.replace("=", "='", 1) + "'" if "(" in a else a for a in arguments.split()]
    values = [a for a in values if a != "-m"]
    given = [f"hydra.searchpath=[file://{workspace}/conf]", "sweep=tiny", *values]
    with pytest.raises(ConfigurationError) as caught:
        check_command([*flags, *given])
    for word in words:
        assert word in str(caught.value)
    assert not (workspace / "outputs").exists()


def test_the_search_below_066_can_be_run() -> None:
    sweep = check_command(["sweep=below-0.66"])
    assert sweep is not None
    assert sweep.name == "below-0.66"
    assert sweep.config.augmentation == {}
    assert not sweep.config.evaluation.test
    search = sweep.config.sweep.search
    assert search is not None
    # as its header says that it was measured
    assert (search.options["trials"], search.options["startup_trials"]) == (14, 8)
    assert (sweep.config.seeds, sweep.config.precision) == (1, "bfloat16")


def test_a_condition_that_never_comes_true_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="model=vgg"):
        Space({"model": "choice(lenet,dense)"}, {"model=vgg": {"seed": "choice(1,2)"}})


def test_choices_depend_on_what_was_chosen_before() -> None:
    space = Space(
        {"model": "choice(a,b)", "x": "interval(1,3)", "y": "7"},
        {"model=a": {"z": "choice([1,2],[3])"}, "model=b": {"z": "tag(log,interval(0.1,1.0))"}},
    )
    a = space.suggest(
        optuna.trial.FixedTrial({"model": "a", "x": 2, "y": "7", "z [model=a]": "[3]"})
    )
    assert a == {"model": "a", "x": "2", "y": "7", "z": "[3]"}
    b = space.suggest(optuna.trial.FixedTrial({"model": "b", "x": 1, "y": "7", "z [model=b]": 0.5}))
    assert b == {"model": "b", "x": "1", "y": "7", "z": "0.5"}
