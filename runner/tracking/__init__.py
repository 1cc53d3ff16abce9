"""Stores of runs, and the search for finished runs and their networks."""

from __future__ import annotations

import os

# read by MLflow when it is imported, which only modules of this package do
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
# a server that does not answer is asked again later, by what sends journals: not by each request
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "8")
os.environ.setdefault("PGCONNECT_TIMEOUT", "5")
