"""One way each to train cnn1 on MNIST, batch 100, as a process that is asked for epoch after epoch.

`python -m benchmarks.peers NAME` prints `ready` after a first epoch that compiles, then waits for a
line on its input, trains one more epoch, and prints how many seconds that took, until the input
ends. `benchmarks.epoch` asks several of them in turn.
"""

import itertools
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BATCH = 100
Epoch = Callable[[], Any]


def runner(precision: str) -> Epoch:
    """Return an epoch of this project's training loop."""
    from runner import datasets
    from runner.base import device
    from runner.config import composition

    config = composition.compose_job(["experiment=cnn1", f"precision={precision}", "figures=[]"])
    place = device.prepare_device(config.device, config.precision, config.deterministic)
    data = datasets.load(config.dataset)
    from runner.training.trainer import Trainer

    trainer = Trainer(config, data.train, data.validation, data.task, place)
    trainer.compile()
    numbers, (stage,) = itertools.count(), trainer.stages
    return lambda: stage.epoch(next(numbers), [0])


def keras_fit(steps_per_execution: int) -> Epoch:
    """Return an epoch of Keras' own `fit`, on the same network built by hand."""
    import keras
    from keras import layers

    images, labels = _mnist()
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(20, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(40, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(200, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        "adam",
        "categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution,
    )
    pixels, targets = 0.5 - images[..., None].astype("float32") / 255, np.eye(10)[labels]
    return lambda: model.fit(pixels, targets, batch_size=BATCH, epochs=1, verbose=0)


def torch_eager(precision: str) -> Epoch:
    """Return an epoch of PyTorch, eager, data on the device, channels last."""
    import torch
    from torch import nn

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    images, labels = _mnist()
    x = (0.5 - torch.from_numpy(images).float() / 255)[:, None].to(device)
    x = x.to(memory_format=torch.channels_last)
    y = torch.from_numpy(labels).to(device)
    net = nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(20, 40, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(640, 200), nn.ReLU(), nn.Linear(200, 10),
    ).to(device, memory_format=torch.channels_last)  # fmt: skip
    optimizer = torch.optim.Adam(net.parameters(), fused=device.type == "cuda")
    loss_function = nn.CrossEntropyLoss()

    def epoch() -> None:
        for chosen in torch.randperm(len(x), device=device).split(BATCH):
            with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
                loss = loss_function(net(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        loss.item()

    return epoch


PEERS: dict[str, Callable[[], Epoch]] = {
    "runner": lambda: runner("float32"),
    "runner-bfloat16": lambda: runner("bfloat16"),
    "keras-fit": lambda: keras_fit(1),
    "keras-fit-50-steps": lambda: keras_fit(50),
    "torch": lambda: torch_eager("float32"),
    "torch-bfloat16": lambda: torch_eager("bfloat16"),
}


def _mnist() -> tuple[Any, Any]:
    from runner import datasets
    from runner.config import composition

    data = datasets.load(composition.compose_job(["dataset=mnist"]).dataset)
    return data.train.images[..., 0], data.train.labels


def main() -> None:
    """Train one epoch for each line of input."""
    epoch = PEERS[sys.argv[1]]()
    epoch()
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        epoch()
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
