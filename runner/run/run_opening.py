"""The opening of a run: its folder is locked, its entry in the store opened, its start written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from runner.base.atomic_files import remove_parts
from runner.base.folder_lock import locked
from runner.base.interruptions import interruptions_kept
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.run import result
from runner.run.deleted_folder import saying_what_is_gone
from runner.run.earlier_attempts import check_unchanged, check_unfinished
from runner.run.earlier_networks import EarlierNetworks
from runner.run.fingerprint import fingerprinting
from runner.run.full_disk import saying_what_is_kept
from runner.run.job import Job
from runner.run.recorder import RunRecorder
from runner.run.run_checkpoints import while_needed
from runner.run.run_figures import drawing_pool
from runner.run.run_folder import ENVIRONMENT, LOCKED, folder_tag, write_configuration
from runner.run.run_logging import describe_run, job_tags, log_changes, seed_tags
from runner.tracking.open_run import OpenRun
from runner.tracking.run_store import RunStore


@contextmanager
def open_recorder(
    job: Job,
    store: RunStore,
    data: Dataset,
    environment: dict[str, str],
    earlier: EarlierNetworks,
) -> Iterator[RunRecorder]:
    """Open the recorder of a run.

    Args:
        job: that is run.
        store: of the runs.
        data: of the training.
        environment: versions and hardware.
        earlier: networks that the training builds on.
    """
    job = replace(job, config=earlier.named(job.config))
    config, sweep_tags = job.config, job.sweep_tags
    fingerprint_of = _fingerprinting(config, data, earlier)
    of_all = fingerprint_of(config.all_seeds)
    tags = environment | data.digests | _tags_of(job, of_all, earlier) | job_tags(config, of_all)
    check_unchanged(job.interrupted, tags)
    parent = sweep_tags.parent if sweep_tags else None
    run_id = job.interrupted.run_id if job.interrupted else None
    with (
        saying_what_is_kept(job),
        _locked(job, store),
        while_needed({seed: job.seed_folder(seed) for seed in config.all_seeds}),
        drawing_pool(config) as pool,
        store.open(config.tracking.run_name, tags, parent, run_id) as run,
        interruptions_kept(),
        saying_what_is_gone(job.folder),
    ):
        _describe_start(run, job, data, environment)
        fingerprints = {seed: fingerprint_of([seed]) for seed in config.all_seeds}
        recorder = RunRecorder(
            *(job, store, run, data, fingerprints, environment, earlier.init_from, pool),
            seed_tags(config, of_all),
        )
        recorder.adopt()
        yield recorder


@contextmanager
def _locked(job: Job, store: RunStore) -> Iterator[None]:
    """Lock the folder of a run, which may have been finished until then."""
    with locked(job.folder, LOCKED):
        check_unfinished(store, job.interrupted)
        yield


def _fingerprinting(
    config: Config, data: Dataset, earlier: EarlierNetworks
) -> Callable[[list[int]], str]:
    """Return what makes the fingerprint of some seeds of the run."""
    of_seeds = fingerprinting(config)

    def fingerprint_of(seeds: list[int]) -> str:
        return of_seeds(seeds, data.digests | earlier.digests(seeds))

    return fingerprint_of


def _tags_of(job: Job, fingerprint: str, earlier: EarlierNetworks) -> dict[str, str]:
    """Return the tags by which the program finds the run again."""
    tags = job.sweep_tags.tags if job.sweep_tags else {}
    own = {"level": "job", "fingerprint": fingerprint} | folder_tag(job.folder)
    return tags | own | earlier.tags(job.config.all_seeds)


def _describe_start(run: OpenRun, job: Job, data: Dataset, environment: dict[str, str]) -> None:
    """Write and log what is known before anything is trained."""
    config, folder = job.config, job.folder
    remove_parts(folder)
    write_configuration(job)
    result.write_json(folder / ENVIRONMENT, environment)
    plain = config.as_plain()
    run.log_configuration({key: plain[key] for key in plain if key != "sweep"})
    log_changes(run, folder)
    describe_run(run, config, data)
    run.compare_by(data.task.objective.metric_name("test"))
