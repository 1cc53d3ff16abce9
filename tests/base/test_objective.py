"""The objective that networks are compared by: found by its metrics, written with its unit."""

from runner.base.objective import ERROR, MSE, objective_of


def test_a_measure_is_found_by_the_names_of_numbers() -> None:
    assert objective_of({"test_mse.mean": 1, "seed": 0}) == MSE
    assert objective_of({"validation_error": 1}) == ERROR
    assert ERROR.validation_value({"val_accuracy": 0.75, "val_loss": 3}) == 0.25
    assert MSE.validation_value({"val_loss": 0.5}) == 0.5
    assert ERROR.mean_text(0.0123, 0.001) == "1.230 ± 0.100 %"
    assert MSE.mean_text(1.234e-7, None) == "1.23e-07"
