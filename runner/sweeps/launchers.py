"""Launchers of jobs: each function is one file of `conf/hydra/launcher/`.

Hydra's own launchers compose a job when it starts, and a killed worker ends all other jobs. These
take composed jobs, and report the ending of each.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from queue import SimpleQueue
from typing import Any, Literal

from runner.base.compat import replaceable_pool
from runner.base.errors import ConfigurationError
from runner.base.lazy import joblib as joblib_package
from runner.base.option_types import Count, Natural, NonNegative, Positive
from runner.base.program_files import DISTRIBUTION
from runner.sweeps.jobs import Ending, SweepJob
from runner.sweeps.launching import Launcher
from runner.sweeps.worker import die_with, perform, perform_quietly

PER_GPU = 2
"""Workers of a GPU, unless told otherwise: about twice the jobs of one (docs/sweeps.md)."""


class _InThisProcess:
    slots = 1

    def submit(self, job: SweepJob) -> Future[Ending]:
        future: Future[Ending] = Future()
        future.set_result(perform(job.job))
        return future

    def close(self) -> None:
        """Do nothing."""


def sequential() -> Launcher:
    """Run one job after another in this process."""
    return _InThisProcess()


class _Slot:
    """A worker process with an environment of its own, replaced when it dies."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._pool: Any = None

    def run(self, job: SweepJob) -> Ending:
        if self._pool is None:
            self._pool = replaceable_pool(
                env=self._environment, initializer=die_with, initargs=(os.getpid(),)
            )
        try:
            ending: Ending = self._pool.submit(perform_quietly, job.packed()).result()
        except Exception:
            self._pool = None
            raise
        return ending

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)


class _Workers:
    """Worker processes, and a thread for each that waits for its job."""

    def __init__(self, environments: list[dict[str, str]]) -> None:
        self.slots = len(environments)
        self._all = [_Slot(environment) for environment in environments]
        self._free: SimpleQueue[_Slot] = SimpleQueue()
        for slot in self._all:
            self._free.put(slot)
        self._threads = ThreadPoolExecutor(self.slots)

    def submit(self, job: SweepJob) -> Future[Ending]:
        return self._threads.submit(self._run, job)

    def close(self) -> None:
        for slot in self._all:
            slot.close()
        self._threads.shutdown(cancel_futures=True)

    def _run(self, job: SweepJob) -> Ending:
        slot = self._free.get()
        try:
            return slot.run(job)
        finally:
            self._free.put(slot)


def joblib(*, n_jobs: Count | None = None, gpus: Natural = 0) -> Launcher:
    """Run jobs in worker processes of this machine, through joblib's process pool.

    Args:
        n_jobs: number of workers; None means two for each GPU, or one for each core if `gpus` is 0.
        gpus: number of GPUs; worker k sees only GPU k modulo `gpus`. With 0 each sees all GPUs.
    """
    cores = joblib_package.cpu_count()
    workers = n_jobs or min(PER_GPU * gpus, max(gpus, cores)) or cores
    return _Workers([worker_environment(worker, workers, gpus, cores) for worker in range(workers)])


def worker_environment(worker: int, workers: int, gpus: int, cores: int) -> dict[str, str]:
    """Return variables that give worker `worker` of `workers` its share of cores and a GPU."""
    share = str(max(1, cores // workers))
    threads = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    own = dict.fromkeys(threads, share)
    if gpus:
        listed = os.environ.get("CUDA_VISIBLE_DEVICES")
        visible = listed.split(",") if listed else [str(number) for number in range(gpus)]
        own["CUDA_VISIBLE_DEVICES"] = visible[worker % min(gpus, len(visible))]
    return own


class _Ray:
    def __init__(self, address: str | None, cpus: float, gpus: float) -> None:
        ray = _extra("ray", "ray")
        self._ray = ray
        ray.init(
            address=address or "local",  # else it waits minutes for one that was killed here once
            log_to_driver=False,
            include_dashboard=False,
            logging_level="ERROR",
        )
        # a reused process keeps the GPU it opened first: one process for each job
        remote = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=0, max_calls=1)
        self._perform = remote(perform_quietly)
        self._jobs: list[Any] = []
        resources = ray.cluster_resources()
        needed = {"CPU": cpus, "GPU": gpus}
        self.slots = int(
            min(resources.get(name, 0) / each for name, each in needed.items() if each)
        )
        if not self.slots:
            raise ConfigurationError(
                f"hydra.launcher: a job needs {cpus} CPUs and {gpus} GPUs, the Ray cluster has "
                f"{resources.get('CPU', 0):g} and {resources.get('GPU', 0):g}"
            )

    def submit(self, job: SweepJob) -> Future[Ending]:
        self._jobs.append(self._perform.remote(job.packed()))
        future: Future[Ending] = self._jobs[-1].future()
        return future

    def close(self) -> None:
        for job in self._jobs:
            self._ray.cancel(job, force=True)
        self._ray.shutdown()


def ray(*, address: str | None = None, cpus: Positive = 1.0, gpus: NonNegative = 0.0) -> Launcher:
    """Run jobs on a Ray cluster.

    Args:
        address: of the cluster, or `auto`; None starts a cluster of this machine, whatever others
            there are.
        cpus: per job.
        gpus: per job; jobs with a fraction share a GPU.
    """
    return _Ray(address, cpus, gpus)


class _Slurm:
    def __init__(self, cluster: str, n_jobs: int, parameters: dict[str, Any]) -> None:
        self._submitit = _extra("submitit", "slurm")
        self._cluster, self._parameters = cluster, parameters
        self.slots = n_jobs
        self._threads = ThreadPoolExecutor(n_jobs)
        self._jobs: list[Any] = []

    def submit(self, job: SweepJob) -> Future[Ending]:
        executor = self._submitit.AutoExecutor(job.job.folder / "submitit", self._cluster)
        executor.update_parameters(name=job.sweep_tags.sweep, **self._parameters)
        self._jobs.append(executor.submit(perform_quietly, job.packed()))
        return self._threads.submit(self._jobs[-1].result)

    def close(self) -> None:
        for job in self._jobs:
            if not job.done():
                job.cancel()
        self._threads.shutdown(cancel_futures=True)


def slurm(
    *,
    cluster: Literal["slurm", "local"] = "slurm",
    n_jobs: Count = 100,
    parameters: dict[str, str | int | float | bool] | None = None,
) -> Launcher:
    """Run jobs on a Slurm cluster, through submitit.

    Args:
        cluster: `slurm`, or `local` for processes of this machine.
        n_jobs: largest number of jobs in the queue.
        parameters: submitit's, for example `timeout_min`.
    """
    return _Slurm(cluster, n_jobs, parameters or {})


def _extra(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"hydra/launcher={extra} needs {module}; install it with "
            f"pip install '{DISTRIBUTION}[{extra}]'"
        ) from error
