"""The answers about trainings: what can be trained, how far each is, what earlier ones reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner.play.play_requests import (
    NetworkRequest,
    StartedTraining,
    TrainingRequest,
    parse_request,
)
from runner.play.playable_runs import PlayableRuns
from runner.play.training_choices import training_choices
from runner.play.training_progress import read_progress
from runner.play.trainings import Training, Trainings

Answer = dict[str, Any]


@dataclass(frozen=True)
class TrainingAnswers:
    """Answers about trainings.

    Attributes:
        trainings: that were started from the page.
        runs: finished ones.
    """

    trainings: Trainings
    runs: PlayableRuns

    def choices(self, content: bytes) -> Answer:
        """Return what can be chosen."""
        language = parse_request(StartedTraining, content).language
        return training_choices(language, self.trainings.own)

    def train(self, content: bytes) -> Answer:
        """Start a training."""
        return self._shown(self.trainings.start(parse_request(TrainingRequest, content)))

    def trainings_listed(self, content: bytes) -> Answer:
        """List the trainings that were started since the page was opened."""
        del content
        return {"trainings": [each.key for each in self.trainings.listed()]}

    def progress(self, content: bytes) -> Answer:
        """Tell how far a training is."""
        return self._shown(self.trainings.find(parse_request(StartedTraining, content).training))

    def stop(self, content: bytes) -> Answer:
        """Stop a training."""
        return self._shown(self.trainings.stop(parse_request(StartedTraining, content).training))

    def go_on(self, content: bytes) -> Answer:
        """Go on with a training that was stopped."""
        return self._shown(self.trainings.go_on(parse_request(StartedTraining, content).training))

    def history(self, content: bytes) -> Answer:
        """Return the numbers of each epoch of a finished run."""
        folder = self.runs.find(parse_request(NetworkRequest, content).run).trained.folder
        return {"history": read_progress(folder)["history"] if folder else {}}

    def _shown(self, training: Training) -> Answer:
        answer = training.as_plain()
        if answer["state"] == "finished":
            answer["run"] = self.runs.key_of(training.plan.folder)
        return answer
