"""The trainer: one configuration, compiled once and trained with each seed, or several at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from runner import models
from runner.base.compat import initial_values_on_cpu
from runner.base.device import Device
from runner.base.lazy import keras
from runner.base.tasks import Task
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models import frozen
from runner.training.checkpoint import Checkpoints
from runner.training.distillation import change_of_batches
from runner.training.feature_cache import FeatureCache, Say, silently
from runner.training.observer import Observer, Observers
from runner.training.seed_group import seeds_at_once
from runner.training.seed_training import SeedTraining
from runner.training.stages import Inputs, build_stages
from runner.training.step_memory import check_memory
from runner.training.trained import Training
from runner.training.warm_start import Start, State, load_start


class Trainer:
    """One configuration, compiled once and trained once per seed.

    Args:
        config: of the run.
        train: images to fit on.
        validation: images watched after each epoch, or None.
        task: what is learned.
        device: decides between XLA (GPU) and TensorFlow's own kernels (CPU).
        remaining: seeds that are to be trained.
        teachers: files of the networks that it learns from, with `training.distillation`.
        say: tells people what takes its time, as `print` would.

    Attributes:
        model: the network, which shows one seed at a time.
        stages: of each training.
        seeds: number of seeds that are trained at once.
    """

    def __init__(
        self,
        config: Config,
        train: TrainSplit,
        validation: TrainSplit | None,
        task: Task,
        device: Device,
        *,
        remaining: int = 1,
        teachers: Sequence[Path] = (),
        say: Say = silently,
    ) -> None:
        loss = task.loss(config.training.loss, config.soft_targets)
        self._config = replace(config, training=replace(config.training, loss=loss))
        self._train, self._task = train, task
        self.model = self._build(config.all_seeds[0])
        if config.training.trains:
            check_memory(self.model, config.training.batch_size, device)
        self._model_state = State(self.model.variables)
        splits = [train, *([validation] if validation else [])]
        parts = frozen.split_frozen(self.model)
        if parts and (config.augmentation or config.training.distillation.teacher):
            parts = None
            if config.training.trains:
                why = "augmentation changes" if config.augmentation else "teachers see"
                say(f"features  computed in every step: {why} the images")
        self._features = FeatureCache(parts.frozen, splits, device, say) if parts else None
        self.seeds, reason = seeds_at_once(self._config, remaining, self.model, splits, device)
        if reason:
            say(f"seeds     trained one after another: {reason}")
        change = change_of_batches(self._config, teachers, self.model, task, device.is_gpu)
        inputs = Inputs(self.model, parts, splits, self._features, change)
        self.stages = build_stages(self._config, inputs, task, device.is_gpu, self.seeds)
        self._compiled = False

    def compile(self) -> float:
        """Compile by a first call, which spoils the weights; return its duration in seconds.

        `fit` does so where it was not done before.
        """
        if self._compiled:
            return 0.0
        started = time.perf_counter()
        for stage in self.stages:
            if stage.epochs:
                stage.compile()
        self._compiled = True
        return time.perf_counter() - started

    def groups(
        self, seeds: Sequence[int], checkpoints: Mapping[int, Checkpoints] | None = None
    ) -> list[list[int]]:
        """Cut seeds into groups that are trained at once: those that go on after the same epoch."""
        reached: dict[int, list[int]] = {}
        for seed in seeds:
            reached.setdefault(checkpoints[seed].epochs if checkpoints else 0, []).append(seed)
        return [
            alike[start : start + self.seeds]
            for alike in reached.values()
            for start in range(0, len(alike), self.seeds)
        ]

    def fit(
        self,
        seed: int,
        observers: Sequence[Observer],
        start: Start | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> Training:
        """Train one seed alone; see `fit_together`."""
        kept = [checkpoints] if checkpoints else None
        ((_, training),) = self.fit_together([seed], [observers], [start], kept)
        return training

    def fit_together(
        self,
        seeds: Sequence[int],
        observers: Sequence[Sequence[Observer]],
        starts: Sequence[Start | None],
        checkpoints: Sequence[Checkpoints] | None = None,
    ) -> Iterator[tuple[int, Training]]:
        """Train several seeds at once, each as if it were trained alone.

        Args:
            seeds: at most `self.seeds`.
            observers: of each seed.
            starts: another training that each goes on from, or None.
            checkpoints: of each; all go on after the same epoch. None keeps none.

        Yields:
            each seed and what its training gave. The model is the same object, with the weights of
            that seed until the next one is yielded.

        Raises:
            TrainingError: the loss of a seed is not a number; after all others were yielded.
        """
        compile_seconds = self.compile() if any(stage.epochs for stage in self.stages) else 0.0
        for slot, (seed, start) in enumerate(zip(seeds, starts, strict=True)):
            self._initialize(seed, start)
            self._store(slot)
        for slot in range(len(seeds), self.seeds):
            self._store(slot)  # an earlier group's end would be the state of what fills this one
        features_seconds = self._feed()
        kept = checkpoints or [Checkpoints() for _ in seeds]
        trainings = list(map(self._begin, range(len(seeds)), seeds, observers, kept))
        self._fit_stages(trainings)
        for slot, training in enumerate(trainings):
            if training.error is None:
                self.stages[-1].engine.load(slot)
                training.watch.on_train_end()
                yield training.seed, self._trained(training, compile_seconds, features_seconds)
                compile_seconds = 0.0
        for error in filter(None, [training.error for training in trainings]):
            raise error

    def start(self, path: Path) -> Start:
        """Load what a training goes on from, before anything is compiled.

        Raises:
            ConfigurationError: it is another network than this; names the first difference.
            DataError: it is no network.
        """
        start = load_start(path)
        start.check(self.model)
        start.give_normalization(self.model)
        return start

    @initial_values_on_cpu()
    def _build(self, seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        return models.build_checked(self._config, self._task, self._train)

    def _initialize(self, seed: int, start: Start | None) -> None:
        if seed == self._config.all_seeds[0]:
            self._model_state.restore()
        else:
            self._model_state.copy(self._build(seed).variables)
        for stage in self.stages:
            stage.restore()
        if start is not None:
            start.give_weights(self.model)
            for stage in self.stages:
                stage.go_on(start)

    def _store(self, slot: int) -> None:
        for stage in self.stages:
            stage.engine.store(slot)

    def _feed(self) -> float | None:
        """Give the first stage the features that the present weights make of the images."""
        if self._features is None or not self.stages[0].epochs:
            return None
        started = time.perf_counter()
        features = self._features.current()
        if features is not None:
            self.stages[0].use(features)
        return time.perf_counter() - started

    def _begin(
        self, slot: int, seed: int, observers: Sequence[Observer], checkpoints: Checkpoints
    ) -> SeedTraining:
        callbacks = [component(seed) for component in self._config.callbacks.values()]
        epochs = sum(stage.epochs for stage in self.stages)
        watch = Observers(observers, self.model, epochs, self.stages[0].steps)
        self.stages[0].engine.load(slot)
        watch.on_train_begin()
        training = SeedTraining(seed, callbacks, watch, checkpoints=checkpoints)
        training.finished_stages = checkpoints.begin(training.history, watch)
        return training

    def _fit_stages(self, trainings: list[SeedTraining]) -> None:
        """Train; a smaller group is filled up, since it would be compiled for itself."""
        missing = self.seeds - len(trainings)
        fillers = [SeedTraining(trainings[-1].seed, fills=True) for _ in range(missing)]
        finished = trainings[0].finished_stages
        for number, stage in enumerate(self.stages[finished:], finished + 1):
            stage.fit([*trainings, *fillers])
            if len(self.stages) > 1:
                for training in trainings:
                    training.history.fill("stage", number)

    def _trained(
        self, training: SeedTraining, compile_seconds: float, features_seconds: float | None
    ) -> Training:
        history = training.history
        return Training(
            self.model,
            history.values,
            history.epoch_seconds,
            compile_seconds,
            features_seconds,
            self.seeds,
        )
