"""Checks of what excludes each other because of what a data set asks for."""

from __future__ import annotations

from collections.abc import Callable

from runner.base.errors import ConfigurationError
from runner.base.suggestions import nearest_or_all
from runner.base.tasks import Classification, MultiLabel, Regression, Task
from runner.config.run_config import DEFAULT_THRESHOLD, Config
from runner.config.training_config import DistillationConfig


def check_task(config: Config) -> None:
    """Raise ConfigurationError where options do not belong to the task of the data set."""
    _CHECKS[type(config.dataset.task())](config)
    _check_threshold(config)
    _check_class_weight(config)
    _check_logits(config)
    _check_virtual_adversarial(config)
    _check_distillation(config)


def _check_regression(config: Config) -> None:
    """Raise ConfigurationError for options of classification in a regression."""
    made_for_classes = {
        f"training.loss={config.training.loss}": "crossentropy" in config.training.loss,
        "training.label_smoothing": bool(config.training.label_smoothing),
        **{f"augmentation.{key}": True for key in config.mixing},
        f"baselines={','.join(config.baselines)}": bool(config.baselines),
        "model.output_activation=softmax": config.model.options.get("output_activation")
        == "softmax",
        **{
            f"{option}={monitor}": "accuracy" in monitor
            for option, monitor in config.monitors.items()
        },
    }
    refused = [option for option, present in made_for_classes.items() if present]
    if refused:
        raise ConfigurationError(
            f"{refused[0]} is made for classes, but {config.dataset.name} has numbers to predict; "
            "leave it out (training.loss=auto is the mean squared error)"
        )


def _check_classification(config: Config) -> None:
    smoothing, loss = config.training.label_smoothing, config.training.loss
    classes = config.dataset.task().names
    if config.model.options.get("output_activation") == "scaled":
        raise ConfigurationError(
            "model.output_activation=scaled is made for numbers, but "
            f"{config.dataset.name} has classes to predict; leave it out"
        )
    if loss == "binary_crossentropy" and len(classes) != 2:  # noqa: PLR2004
        raise ConfigurationError(
            f"training.loss=binary_crossentropy needs 2 classes, {config.dataset.name} has "
            f"{len(classes)}; choose sparse_categorical_crossentropy"
        )
    if smoothing and loss in ("sparse_categorical_crossentropy", "mean_squared_error"):
        raise ConfigurationError(
            f"training.label_smoothing={smoothing} has no effect on training.loss={loss}; choose "
            "training.loss=auto or categorical_crossentropy, or training.label_smoothing=0"
        )
    mixing = [f"augmentation.{key}" for key in config.mixing]
    mixing += ["training.distillation"] if config.training.distillation.teacher else []
    if mixing and loss == "sparse_categorical_crossentropy":
        raise ConfigurationError(
            f"{mixing[0]} mixes labels, which training.loss={loss} cannot "
            "take; choose training.loss=auto or categorical_crossentropy"
        )


def _check_multi_label(config: Config) -> None:
    """Raise ConfigurationError for options of a single class, where labels are predicted."""
    made_for_one_class = {
        f"training.loss={config.training.loss}": config.training.loss
        not in ("auto", "binary_crossentropy"),
        **{f"augmentation.{key}": True for key in config.mixing},
        f"baselines={','.join(config.baselines)}": bool(config.baselines),
        **{
            f"model.output_activation={activation}": config.model.options.get("output_activation")
            == activation
            for activation in ("softmax", "linear", "scaled")
        },
    }
    refused = [option for option, present in made_for_one_class.items() if present]
    if refused:
        raise ConfigurationError(
            f"{refused[0]} is made for one class per image, but {config.dataset.name} has several "
            "labels to predict; leave it out (training.loss=auto is the binary cross-entropy)"
        )


def _check_threshold(config: Config) -> None:
    if config.evaluation.threshold != DEFAULT_THRESHOLD and not config.dataset.label_names:
        raise ConfigurationError(
            f"evaluation.threshold={config.evaluation.threshold} decides on labels, but "
            f"{config.dataset.name} has none; leave it at {DEFAULT_THRESHOLD}"
        )


def _check_class_weight(config: Config) -> None:
    weights, names = config.training.class_weight, config.dataset.task().names
    if weights is not None and not config.dataset.class_names:
        raise ConfigurationError(
            f"training.class_weight: {config.dataset.name} has no classes; choose null"
        )
    for name in weights if isinstance(weights, dict) else ():
        if name not in names:
            raise ConfigurationError(
                f"training.class_weight: {config.dataset.name} has no class {name!r}"
                f"{nearest_or_all(name, names)}"
            )


def _check_logits(config: Config) -> None:
    if config.logits and (
        config.training.loss == "mean_squared_error" or config.dataset.output_names
    ):
        raise ConfigurationError(
            "model.output_activation=logits belongs to the cross-entropies, which turn logits into "
            "probabilities; choose linear, or another training.loss"
        )


def _check_virtual_adversarial(config: Config) -> None:
    if config.training.virtual_adversarial is None:
        return
    name, activation = config.dataset.name, config.model.options.get("output_activation")
    if not config.dataset.class_names:
        raise ConfigurationError(
            f"training.virtual_adversarial compares probabilities of classes, but {name} has none; "
            "choose null"
        )
    if activation not in ("auto", "softmax", "logits"):
        raise ConfigurationError(
            "training.virtual_adversarial compares probabilities that add up to 1; choose "
            f"model.output_activation=auto in place of {activation}"
        )


def _check_distillation(config: Config) -> None:
    chosen = config.training.distillation
    if chosen.teacher is None and chosen.weight != DistillationConfig().weight:
        raise ConfigurationError(
            f"training.distillation.weight={chosen.weight} has no effect without a teacher; name "
            "a run, training.distillation.teacher=RUN, or leave it out"
        )


_CHECKS: dict[type[Task], Callable[[Config], None]] = {
    Classification: _check_classification,
    MultiLabel: _check_multi_label,
    Regression: _check_regression,
}
