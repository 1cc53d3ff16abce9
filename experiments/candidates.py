"""Settings that those of a -best experiment are compared with, measured on validation images.

python -m experiments.candidates --list [EXPERIMENT ...]      the commands that are left, one a line
python -m experiments.candidates EXPERIMENT CANDIDATE         one of them
python -m experiments.candidates EXPERIMENT whole             the settings that it is compared with

`candidates.yaml` says which there are; the results are in experiments/candidates/. The best one
becomes the experiment, which alone reads the test images.
"""

from experiments.variations import Variations

CANDIDATES = Variations("candidates", "CANDIDATE", "candidates")

if __name__ == "__main__":
    CANDIDATES.main(__doc__)
