"""The health of a training: norms of weights, activations and gradients, and dead units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from runner.base.atomic_files import replacing
from runner.base.lazy import keras, matplotlib, tf
from runner.base.option_types import Count, Language
from runner.base.stored_files import reading
from runner.figures.canvas import chart, styled
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import FinishedRun
from runner.figures.tick_numbers import plain_ticks
from runner.figures.training_recorder import Probe, Recorder, recorded_by
from runner.figures.translations import Texts, translator
from runner.models.graph import tensors

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Epochs = dict[str, list[list[float]]]
_FILE = "health.npz"
_PANELS = ("weights", "activations", "gradients", "dead")

TEXTS: Texts = {
    "Health of the training": "Saúde do treino",
    "root mean squares of each layer, for {count} training images without dropout": (
        "valores quadráticos médios de cada camada, para {count} imagens de treino sem dropout"
    ),
    "weights": "pesos",
    "activations": "ativações",
    "gradients": "gradientes",
    "dead units / %": "unidades mortas / %",
    "epoch; 0 is before training": "época; 0 é antes do treino",
}


class HealthHistory(Recorder):
    """Recorder of each layer's norms, before training and after every epoch.

    Of the network's own layers that have a kernel, those of a network nested in it left out.

    Attributes:
        layers: their names.
        values: for `weights`, `activations`, `gradients` and `dead`, a value for each layer in
            every epoch: root mean squares, and the fraction of units that are never active.
        count: number of training images that were looked at.
    """

    def __init__(self) -> None:
        self.layers: list[str] = []
        self.values: Epochs = {name: [] for name in _PANELS}
        self.count = 0
        self._probe: Probe | None = None

    def see(self, probe: Probe) -> None:
        """Take the images that norms are measured with."""
        self._probe, self.count = probe, len(probe.images)

    def on_train_begin(self, logs: Any = None) -> None:
        """Record the network as it is before training."""
        self._record()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the network as it is now."""
        self._record()

    def save(self, folder: Path) -> None:
        """Write `health.npz`, unless no layer has a kernel."""
        if self.layers:
            arrays: dict[str, Any] = {
                name: np.asarray(each, np.float32) for name, each in self.values.items()
            }
            with replacing(folder / _FILE) as part:
                np.savez_compressed(part, layers=self.layers, count=self.count, **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read `health.npz`; None where there is none."""
        if not (folder / _FILE).is_file():
            return None
        history = cls()
        with reading(folder / _FILE), np.load(folder / _FILE, allow_pickle=False) as arrays:
            history.layers = [str(name) for name in arrays["layers"]]
            for name in _PANELS:
                epochs, *rest = arrays[name].shape or (0,)
                if not epochs or rest != [len(history.layers)]:
                    layers = f"{len(history.layers)} layers"
                    raise ValueError(f"{name}: {layers} do not fit {arrays[name].shape}")
                history.values[name] = arrays[name].astype(float).tolist()
            history.count = int(arrays["count"])
        return history

    def go_on(self, folder: Path, history: Any) -> None:
        """Go on with the recording so far, and with the probe of this training."""
        probe = self._probe
        super().go_on(folder, history)
        self._probe = probe

    def _record(self) -> None:
        layers = [layer for layer in self.model.layers if hasattr(layer, "kernel")]
        if self._probe is None or not layers:
            return
        self.layers = [layer.name for layer in layers]
        outputs, gradients = measure(self.model, layers, self._probe)
        row = {
            "weights": [_rms(layer.kernel) for layer in layers],
            "activations": [_rms(each) for each in outputs],
            "gradients": [_rms(each) for each in gradients],
            "dead": [_dead(each) for each in outputs],
        }
        for name, values in row.items():
            self.values[name].append(values)


def measure(
    model: keras.Model, layers: list[keras.Layer], probe: Probe
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Return the output of each layer, and the gradient of the loss with respect to its kernel.

    Args:
        model: takes raw pixels.
        layers: of it, with kernels.
        probe: images, and what they cost.
    """
    found = tensors(model)
    inner = keras.Model(model.inputs, [*(found[each.name] for each in layers), model.outputs[0]])
    with tf.GradientTape() as tape:
        *outputs, predicted = inner(tf.cast(probe.images, tf.float32), training=False)
        loss = probe.loss(tf.constant(probe.targets), predicted)
    gradients = tape.gradient(loss, [each.kernel.value for each in layers])
    kernels = [each.kernel.shape for each in layers]
    filled = [
        np.zeros(shape, np.float32) if gradient is None else np.asarray(gradient, np.float32)
        for gradient, shape in zip(gradients, kernels, strict=True)
    ]
    return [np.asarray(tf.cast(each, tf.float32)) for each in outputs], filled


def _rms(values: Any) -> float:
    return float(np.sqrt(np.mean(np.square(np.asarray(values, np.float64)))))


def _dead(outputs: NDArray[np.float32]) -> float:
    """Return the fraction of units, the last axis, whose output is the same everywhere."""
    flat = outputs.reshape(-1, outputs.shape[-1])
    return float((flat.min(axis=0) == flat.max(axis=0)).mean())


@of_results_alone
@recorded_by(HealthHistory)
def training_health(run: FinishedRun, *, limit: Count) -> Figure | None:
    """Draw norms and dead units of each layer by epoch; None where they were not recorded.

    Args:
        run: the finished run.
        limit: draw no more than so many layers, evenly spread.
    """
    history = run.recording(HealthHistory)
    return None if history is None else draw_health(history, limit, run.language)


@styled()
def draw_health(history: HealthHistory, limit: int, language: Language = "en") -> Figure:
    """Draw a panel for each quantity, and a line for each layer, the first one darkest."""
    translate = translator(language, TEXTS)
    subtitle = translate(
        "root mean squares of each layer, for {count} training images without dropout"
    )
    title = translate("Health of the training")
    figure = chart(9.5, 6.4, title, subtitle.format(count=history.count))
    panels = figure.subplots(2, 2, sharex=True)
    shown = np.unique(
        np.linspace(0, len(history.layers) - 1, min(limit, len(history.layers))).round().astype(int)
    )
    names = [history.layers[index] for index in shown]
    labels = {
        "weights": translate("weights"),
        "activations": translate("activations"),
        "gradients": translate("gradients"),
        "dead": translate("dead units / %"),
    }
    for axes, name in zip(panels.flat, _PANELS, strict=True):
        values = np.asarray(history.values[name])[:, shown]
        dead = name == "dead"
        _draw(axes, 100 * values if dead else values, names)
        axes.set_ylabel(labels[name])
        if dead:
            axes.set_ylim(-3, 103)
        else:
            axes.set_yscale("log")
            plain_ticks(axes, values)
    for axes in panels[-1]:
        axes.set_xlabel(translate("epoch; 0 is before training"))
        axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside right center")
    return figure


def _draw(axes: Axes, values: NDArray[np.float64], names: list[str]) -> None:
    """Draw a line for each column; markers tell neighbors apart where colors do not."""
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.75, len(names)))
    for column, name in enumerate(names):
        color, marker = colors[column], "os^Dv<>"[column % 7]
        axes.plot(values[:, column], color=color, ls="-", marker=marker, label=name)
