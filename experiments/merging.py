"""Putting the seeds of two results of one experiment together, and why that may be impossible."""

import sys
from typing import Any

OF_HOST = ("cpu", "git_commit", "git_dirty")
"""What may differ between GPUs of several hosts; `code` says which code trained."""

SETTINGS = "settings"
"""Hash of the configuration and the code: the same command means another once its file changes.
Results from before 2026-11-27 lack it. Where only some seeds have it, it stands with these."""

INTERRUPTED = ".interrupted.json"
"""Ending of a result that may not take the place of the one that is there."""


def together(
    before: dict[str, Any],
    more: dict[str, Any],
    *,
    other_gpu: bool = False,
    other_code: bool = False,
) -> dict[str, Any]:
    """Put the seeds of two results of the same program, device and code into one.

    What all networks of one command gave together is left out: nobody asked these together. With
    `other_gpu` the model of the GPU may differ, with `other_code` the version of the code; each
    seed then says its own.
    """
    refused = refusal(before, more, other_gpu=other_gpu, other_code=other_code)
    if refused:
        sys.exit(refused)
    if other_gpu:
        before, more = _with_gpu_of_each_seed(before), _with_gpu_of_each_seed(more)
    if other_code:
        before, more = _with_of_each_seed("code", before), _with_of_each_seed("code", more)
    if before.get(SETTINGS) != more.get(SETTINGS):
        before, more = _with_of_each_seed(SETTINGS, before), _with_of_each_seed(SETTINGS, more)
    merged = before | more | {"seeds": [*before["seeds"], *more["seeds"]]}
    merged.pop("ensemble", None)
    return merged


def refusal(
    before: dict[str, Any],
    more: dict[str, Any],
    *,
    other_gpu: bool = False,
    other_code: bool = False,
) -> str:
    """Say in a line why two results cannot be put together; nothing where they can."""
    alike = _trained_with(more, other_gpu, other_code)
    trained_with = _trained_with(before, other_gpu, other_code).items()
    differing = [name for name, of in trained_with if of != alike[name]]
    if len(_settings(before) | _settings(more)) > 1 and not other_code:  # they hold the code, too
        differing.append(SETTINGS)
    if differing:
        names = ", ".join(differing)
        return f"expected the {names} of the result that is there, got others; give another name"
    twice = {seed["seed"] for seed in before["seeds"]} & {seed["seed"] for seed in more["seeds"]}
    if twice:
        return f"seeds {sorted(twice)} are in the result that is there; give others"
    return ""


def _settings(result: dict[str, Any]) -> set[str]:
    """Return the settings of all seeds, as far as they are known."""
    of_seeds = {seed.get(SETTINGS, result.get(SETTINGS)) for seed in result["seeds"]}
    return of_seeds - {None}


def _with_of_each_seed(moved: str, result: dict[str, Any]) -> dict[str, Any]:
    """Let each seed have what the whole result has of it."""
    known = {name: of for name, of in result.items() if name == moved}
    rest = {name: of for name, of in result.items() if name != moved}
    return rest | {"seeds": [known | seed for seed in result["seeds"]]}


def _with_gpu_of_each_seed(result: dict[str, Any]) -> dict[str, Any]:
    gpu = result["environment"]["gpu"]
    return result | {"seeds": [{"gpu": gpu} | seed for seed in result["seeds"]]}


def _trained_with(result: dict[str, Any], other_gpu: bool, other_code: bool) -> dict[str, Any]:
    """Return what seeds that are put together must have been trained with."""
    environment = result["environment"]
    hidden: set[str] = set()
    if environment.get("gpu", "none") != "none":
        hidden = {*OF_HOST, "gpu"} if other_gpu else {*OF_HOST}
    return {
        "command": result["command"],
        "environment": {name: of for name, of in environment.items() if name not in hidden},
        "code": None if other_code else result.get("code"),
    }
