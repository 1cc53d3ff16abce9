"""The answers to what the page asks, in plain containers."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.errors import DataError
from runner.base.tasks import Classification
from runner.evaluation.exciting_images import exciting_images
from runner.evaluation.nearest_images import image_features, nearest_images
from runner.figures.activation_maximization import Ascent, maximize
from runner.models.graph import layer_of
from runner.models.layer_outputs import before_activation
from runner.play import explanations
from runner.play.given_pictures import distort, network_image, small_png
from runner.play.loaded_networks import LoadedNetworks
from runner.play.packed_arrays import pack_image, pack_symmetric, pack_values
from runner.play.play_errors import PlayError
from runner.play.play_requests import LayerRequest, LookRequest, NetworkRequest, parse_request
from runner.play.playable_runs import PlayableRuns
from runner.play.played_network import PlayedNetwork
from runner.play.smallest_change import LARGEST, smallest_change

Answer = dict[str, Any]

_SHOWN, _SEARCHED = 9, 5_000
"""Training images that are shown, and among how many those are found that excite a unit."""

_STEPS, _SAMPLE = 150, 500
"""Of gradient ascent, and images that say what is usual."""


@dataclass(frozen=True)
class PlayAnswers:
    """Answers about finished runs.

    Attributes:
        runs: that there are.
        networks: that are in memory.
    """

    runs: PlayableRuns
    networks: LoadedNetworks

    def list_runs(self, content: bytes) -> Answer:
        """List the runs."""
        del content
        return {"runs": [run.as_plain() for run in self.runs.listed()]}

    def describe(self, content: bytes) -> Answer:
        """Describe a network."""
        asked = parse_request(NetworkRequest, content)
        network = self.networks.get(asked.run)
        return explanations.describe_network(network, asked.language)

    def picture(self, content: bytes) -> Answer:
        """Make an uploaded file of any usual kind a small PNG, as base64."""
        text = base64.b64encode(small_png(content)).decode("ascii")
        return {"picture": f"data:image/png;base64,{text}"}

    def look(self, content: bytes) -> Answer:
        """Show what a network sees, what it decides, and the maps of its layers."""
        asked = parse_request(LookRequest, content)
        try:
            network, image, how = self._seen(asked)
        except PlayError as error:
            if error.code == "blank":  # so it is while the first stroke is begun
                return {"blank": True}
            raise
        values = network.layer_values(image[np.newaxis])
        return {
            "seen": pack_image(image),
            "preparation": how,
            "outputs": network.probabilities(values)[0].tolist(),
            "maps": explanations.layer_maps(network, values, asked.layer),
        }

    def explain(self, content: bytes) -> Answer:
        """Show which pixels speak for a class."""
        asked = parse_request(LookRequest, content)
        network, image, _ = self._seen(asked)
        label = asked.label
        if label is None:
            label = int(network.outputs(image[np.newaxis])[0].argmax())
        if label >= len(network.task.names):
            raise PlayError("bad-request", f"label {label}: there are {network.task.size}")
        heat, low, high = explanations.class_heat(network, image, label, asked.method)
        return {"label": label, "seen": pack_image(image), "heat": pack_values(heat, low, high)}

    def flip(self, content: bytes) -> Answer:
        """Show the smallest change that flips the decision."""
        asked = parse_request(LookRequest, content)
        network, image, _ = self._seen(asked)
        if not isinstance(network.task, Classification):
            raise PlayError("no-classes", "only a network that predicts one class is flipped")
        found = smallest_change(network, image)
        if found is None:
            return {"largest": LARGEST}
        difference = found.image.astype(np.float32) - image
        return {
            "amount": found.amount,
            "image": pack_image(found.image),
            "difference": pack_symmetric(difference),
            "outputs": found.probabilities.tolist(),
        }

    def filters(self, content: bytes) -> Answer:
        """Show the weights of a layer as pictures."""
        asked = parse_request(LayerRequest, content)
        network = self.networks.get(asked.run, asked.silenced)
        return {"filters": explanations.filters(network, asked.layer)}

    def nearest(self, content: bytes) -> Answer:
        """Show the training images that are most like what the network sees, to the network."""
        asked = parse_request(LookRequest, content)
        network, image, _ = self._seen(asked)
        self._examples(network)  # says where they are not on this machine
        known = self.networks.features(asked.run, asked.silenced)
        features = image_features(network.model, image[np.newaxis])
        (indices,) = nearest_images(known, features, _SHOWN)
        return self._named(network, asked, indices)

    def exciting(self, content: bytes) -> Answer:
        """Show the training images that excite a unit most."""
        asked = parse_request(LayerRequest, content)
        network = self.networks.get(asked.run, asked.silenced)
        self._check_unit(network, asked)
        images, _ = self._examples(network)
        found = exciting_images(
            network.model, asked.layer, images[:_SEARCHED], [asked.unit], _SHOWN
        )
        return self._named(network, asked, found.indices[0])

    def maximized(self, content: bytes) -> Answer:
        """Show an image that is made to excite a unit."""
        asked = parse_request(LayerRequest, content)
        network = self.networks.get(asked.run, asked.silenced)
        self._check_unit(network, asked)
        images, _ = self._examples(network)
        target = before_activation(network.model, layer_of(network.model, asked.layer))
        ascent = Ascent(steps=_STEPS, smoothness=0.6, typicality=4.0, seed=0)
        found = maximize(network.model, target, [asked.unit], images[:_SAMPLE], ascent)
        return {"image": pack_image(found[0])}

    def _check_unit(self, network: PlayedNetwork, asked: LayerRequest) -> None:
        units = layer_of(network.model, asked.layer).output.shape[-1]
        if asked.unit >= units:
            raise PlayError("bad-request", f"{asked.layer} has {units} units, from 0 on")

    def _examples(self, network: PlayedNetwork) -> tuple[Images, Labels]:
        try:
            return self.networks.examples(network)
        except DataError as error:
            raise PlayError("no-data", str(error)) from error

    def _named(
        self, network: PlayedNetwork, asked: NetworkRequest, indices: NDArray[np.int64]
    ) -> Answer:
        """Return training images with the names of their classes or labels, or their numbers."""
        images, targets = self._examples(network)
        listed = explanations.describe_targets(
            network.dataset.task(asked.language), targets[indices]
        )
        return {"images": pack_image(images[indices]), "names": listed}

    def _seen(self, asked: LookRequest) -> tuple[PlayedNetwork, Images, str]:
        """Return the network that is asked, what it sees, and how that was made."""
        network = self.networks.get(asked.run, asked.silenced)
        if network.dataset.is_table:
            raise PlayError("no-images", "this network takes numbers, not pictures")
        image, how = network_image(asked.picture, network.frame)
        return network, distort(image, asked.distortion), how
