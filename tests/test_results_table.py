"""The tables of experiments/README.md say what the raw results hold."""

from typing import Any

from experiments import learners


def seed(error: float, **of_learners: dict[str, float]) -> dict[str, Any]:
    features = {"layer": "pooling_2", "count": 640, "images": 60_000}
    network = fit(error, 9.0) | {"train_seconds": 9.0, "epochs": 1}
    return network | {"features": features, "learners": of_learners}


def fit(error: float, seconds: float) -> dict[str, float]:
    return {"test_error": error, "fit_seconds": seconds, "predict_seconds": 2.0}


def test_learners_stand_beside_their_networks_best_first() -> None:
    one = seed(0.01, tree=fit(0.07, 3.0), svm=fit(0.008, 5.0))
    other = seed(0.012, tree=fit(0.05, 5.0), svm=fit(0.008, 5.0))
    rows = learners.table({"cnn1-features": {"seeds": [one, other]}, "cnn1": {"seeds": [{}]}})
    said = [line.strip("| ").split(" | ") for line in rows.splitlines()[2:]]
    assert [row[2] for row in said] == ["svm", "network", "tree"]
    assert said[0][1:] == ["640 of pooling_2", "svm", "0.80 %", "1", "5.0", "2.0"]
    assert said[1][3:] == ["1.100 ± 0.141 %", "2", "-", "2.0"]
    assert said[2][3:] == ["6.000 ± 1.414 %", "2", "4.0", "2.0"]
