"""Files of finished runs that are gone: which, and what to do, is said."""

from pathlib import Path

import pytest

from runner.base.errors import ConfigurationError
from runner.tracking.found_run import FoundRun
from runner.tracking.run_store import StoredRun
from runner.tracking.trained_network import network_in_folder


def test_a_network_that_is_gone_is_told_from_a_run_that_never_ended(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no folder of a finished run"):
        network_in_folder(tmp_path, None, None)
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"model\.keras is gone; restore it, or repeat"):
        network_in_folder(tmp_path, None, None)


def test_a_report_that_is_gone_is_named_with_its_folder(tmp_path: Path) -> None:
    stored = StoredRun("1", "it", "FINISHED", 0.0, tags={"folder": str(tmp_path)})
    for run in (FoundRun("it", tmp_path), FoundRun("it", None, stored)):
        with pytest.raises(ConfigurationError) as error:
            run.report()
        assert (
            str(error.value) == f"it: {tmp_path} has no report.json; restore it, or repeat the run"
        )
