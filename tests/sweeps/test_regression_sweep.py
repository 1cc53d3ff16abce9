"""The table of a sweep over networks that tell numbers."""

import json

from runner.base.objective import MSE
from runner.sweeps.report.sweep_table import tabulate
from runner.tracking.run_store import StoredRun


def test_a_sweep_is_sorted_by_the_squared_error_on_validation_rows() -> None:
    def job(rate: str, **numbers: float) -> StoredRun:
        choices = {"optimizer.learning_rate": rate}
        tags = {"level": "job", "job": rate, "choices": json.dumps(choices), "fingerprint": rate}
        return StoredRun(rate, rate, "FINISHED", float(rate), tags=tags, metrics=numbers)

    runs = [job("1", validation_mse=2e-5, test_mse=1.0), job("2", validation_mse=1e-8, test_mse=3)]
    table = tabulate("s", runs)
    assert table.objective == MSE
    assert [row.job for row in table.rows] == ["2", "1"]
    assert table.rows[0].means == {"validation": 1e-8, "test": 3}
    rows = [row.split() for row in table.markdown().splitlines()]
    assert ["|", "2", "|", "1", "|", "1e-08", "|", "3", "|"] in [row[:9] for row in rows]
    assert "Sorted by mean validation MSE" in table.markdown()
    assert table.csv().startswith("job,optimizer.learning_rate,seeds,validation_mse_mean,")
