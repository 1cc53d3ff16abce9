"""What each ingredient of the -best experiments gives, measured on validation images.

python -m experiments.ablation --list [EXPERIMENT ...]        the commands that are left, one a line
python -m experiments.ablation EXPERIMENT INGREDIENT          one of them: without that ingredient
python -m experiments.ablation EXPERIMENT whole               the recipe that they are compared with

`ablations.yaml` says which there are; the results are in experiments/ablations/.
"""

from experiments.variations import Variations

ABLATIONS = Variations("ablation", "INGREDIENT", "ablations")

if __name__ == "__main__":
    ABLATIONS.main(__doc__)
