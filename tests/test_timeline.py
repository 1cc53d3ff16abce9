"""The seconds that a command's main thread, and the threads beside it, are busy."""

import json
import subprocess
import sys

SAMPLED = """
import hashlib, json, time
from threading import Thread
from benchmarks import timeline

def work():
    while time.thread_time() < {work}:
        hashlib.sha256(bytes(1_000_000)).digest()

timeline.INTERVAL = 0.0005  # it looks so often that its own time would be seen
sampler = timeline.Sampler(3)
thread = Thread(target=work)
thread.start()
thread.join()
time.sleep(0.5)
until = time.process_time() + 0.2
while time.process_time() < until:
    pass
time.sleep(0.1)
print(json.dumps([span.beside for span in sampler.spans]))
"""


def seconds_beside(work: float) -> list[float]:
    code = SAMPLED.format(work=work)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def test_a_thread_that_has_ended_was_busy_beside_the_main_thread() -> None:
    beside = seconds_beside(0.5)
    assert 0.45 < sum(beside) < 0.6
    assert min(beside) >= 0


def test_neither_the_main_thread_nor_the_sampler_is_beside() -> None:
    assert 0 <= sum(seconds_beside(0.0)) < 0.02
