"""The answers to what the page asks, in plain containers."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from runner.base.array_types import Images
from runner.base.tasks import Classification
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
        network, image, how = self._seen(asked)
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
        heat = explanations.class_heat(network, image, label)
        return {"label": label, "seen": pack_image(image), "heat": pack_values(heat, 0, 1)}

    def flip(self, content: bytes) -> Answer:
        """Show the smallest change that flips the decision."""
        asked = parse_request(LookRequest, content)
        network, image, _ = self._seen(asked)
        if not isinstance(network.task, Classification):
            raise PlayError("no-classes", "only a network that tells one class is flipped")
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

    def _seen(self, asked: LookRequest) -> tuple[PlayedNetwork, Images, str]:
        """Return the network that is asked, what it sees, and how that was made."""
        network = self.networks.get(asked.run, asked.silenced)
        if network.dataset.is_table:
            raise PlayError("no-images", "this network takes numbers, not pictures")
        image, how = network_image(asked.picture, network.frame)
        return network, distort(image, asked.distortion), how
