"""The search for trained networks, by what a run is found by, or by the file of a network."""

from __future__ import annotations

from runner.base.errors import ConfigurationError, SeedError
from runner.tracking.found_run import NETWORK
from runner.tracking.run_configuration import configuration_of
from runner.tracking.run_finder import OUTPUTS, as_path, existing_stores, find_stored
from runner.tracking.run_store import RunStore, StoredRun
from runner.tracking.sweep_records import seed_runs
from runner.tracking.trained_network import TrainedNetwork, network_in_folder


def find_network(word: str, seed: int | None = None, uri: str | None = None) -> TrainedNetwork:
    """Find a trained network.

    Args:
        word: the file of a network, or an argument of `runner.tracking.run_finder.find_run`.
        seed: of a run with several seeds; None means the first.
        uri: of the store; None means the stores in `outputs/`.

    Raises:
        ConfigurationError: no network matches, or several do.
        SeedError: the run has no network of that seed.
    """
    if word.startswith("models:/"):
        return _registered(word, seed, uri)
    path = as_path(word, uri)
    if path is None:
        return _of_stored(*find_stored(word, uri), seed, uri)
    if path.is_dir():
        return network_in_folder(path, seed, uri)
    if path.name == NETWORK and configuration_of(path.parent):
        return network_in_folder(path.parent, seed, uri)
    if seed is not None:
        raise SeedError(f"--seed {seed}: {word} is a file, with one network", [])
    return TrainedNetwork(path.stem, path)


def permanent_name(word: str, uri: str | None = None) -> str:
    """Return a permanent argument of `find_network`: the absolute path, or the id of the run."""
    path = as_path(word, uri)
    if path is not None:
        return str(path.resolve())
    if word.startswith("models:/") or not existing_stores(uri):
        return word
    return find_stored(word, uri)[1].run_id


def _registered(word: str, seed: int | None, uri: str | None) -> TrainedNetwork:
    """Return a registered network, with the configuration of its run if it is known."""
    if seed is not None:
        raise SeedError(f"--seed {seed}: {word} is one network", [])
    stores = existing_stores(uri)
    if not stores:
        find_stored(word, uri)  # says what is missing
    registered = stores[0].registered(word, OUTPUTS / "fetched")
    run = registered.run
    if run is None or not run.level:
        return TrainedNetwork(registered.name, registered.network)
    configuration, folder = stores[0].configuration(run), registered.network.parent
    return TrainedNetwork(
        registered.name, registered.network, folder, configuration, run.run_id, uri
    )


def _of_stored(
    store: RunStore, run: StoredRun, seed: int | None, uri: str | None
) -> TrainedNetwork:
    """Return the network of a stored run, from its folder, or else from the store."""
    if run.folder is not None:
        return network_in_folder(run.folder, seed, uri)
    seeds = seed_runs(store, run)
    chosen = seeds.get(min(seeds) if seed is None else seed) if seeds else run
    if chosen is None or (not seeds and seed is not None):
        raise SeedError(f"run {run.run_id}: its stored runs hold no seed {seed}", sorted(seeds))
    folder = OUTPUTS / "fetched" / chosen.run_id
    network = store.network(chosen, folder)
    if network is None:
        raise ConfigurationError(
            f"run {run.run_id}: its folder is gone, and the store holds no network of it; with "
            "tracking.log_model=true it would"
        )
    configuration = store.configuration(run)
    return TrainedNetwork(chosen.name, network, folder, configuration, chosen.run_id, uri)
