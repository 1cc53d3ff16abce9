"""The command line: what it says of mistakes, and that it says so before anything heavy starts."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.base.errors import ConfigurationError
from runner.config.command_line import quote_texts
from runner.config.run_config import Config
from runner.sweeps.preparation import check_command

Configure = Callable[..., Config]
Command = Callable[..., "subprocess.CompletedProcess[str]"]
HEAVY = {"tensorflow", "keras", "mlflow", "matplotlib", "sklearn", "scipy"}
MIXUP = "runner.training.augmentation.content.mixup"
BLEND = f"+augmentation.blend={{_target_:{MIXUP},alpha:0.2}}"

MISTAKES: dict[str, list[str]] = {
    # unknown choices
    "model=lenett": ["model=lenett", "did you mean lenet or resnet?", "vgg-3x3"],
    "optimizer=admm": ["optimizer=admm", "did you mean adam"],
    "dataset=fashon": ["dataset=fashon", "did you mean fashion"],
    "dataset=5vs6": ["did you mean 5-vs-6?"],
    "experiment=cnn3": ["experiment=cnn3", "did you mean", "cnn1", "cnn2"],
    "figures=[roc,learning-curve]": ["figures=learning-curve", "did you mean learning-curves?"],
    "augmentation=shift": ["augmentation=shift", "did you mean shift4?"],
    # unknown keys
    "modl=lenet": ["modl=lenet", "did you mean model?"],
    "training.epoch=3": ["training.epoch=3", "did you mean training.epochs"],
    "training.fine_tuning.epochs=3": [
        "there is no training.fine_tuning.epochs unless training.fine_tuning={...} gives it",
        "; +training.fine_tuning.epochs=3 adds it",
    ],
    "training.distillation.weight=0.3": ["weight=0.3 has no effect", "distillation.teacher"],
    "training.fine_tuning.layer=3": ["or training.fine_tuning or"],
    "epochs=3": ["epochs=3", "did you mean training.epochs?"],
    "learning_rate=0.1": ["did you mean optimizer.learning_rate?"],
    "train_size=100": ["did you mean dataset.train_size"],
    "model=lenet model.shake_shake=true": ["shake_shake", "it is an option of model=resnet"],
    "optimizer.momentum=0.9": ["it is an option of optimizer=rmsprop or sgd"],
    "augmentation.affine.rotation=3": ["it is an option of augmentation=affine"],
    "dataset.path=a.csv": ["it is an option of dataset=csv or folder"],
    "model.shake_shake=true --cfg job": ["it is an option of model=resnet"],
    "experiment=cnn3 --cfg job": ["experiment=cnn3", "did you mean", "cnn1", "cnn2"],
    "model.filtrs=[1,2]": ["model.filtrs", "did you mean model.filters"],
    "model=vgg-3x3 model.block_dropuot=0": ["did you mean model.block_dropout"],
    "optimizer=sgd optimizer.momentun=0.9": ["did you mean optimizer.momentum"],
    "+model.filterz=[3]": ["model.filterz", "no such option", "did you mean filters?"],
    "+epoch=1": ["epoch", "no such option"],
    "hydra.run.dirr=x": ["hydra.run.dirr"],
    # wrong types
    "training.epochs=three": ["training.epochs=three", "integer"],
    "training.epochs=1.5": ["training.epochs=1.5", "integer"],
    "training.epochs=null": ["training.epochs=", "integer"],
    "training.epochs=": ["training.epochs=", "integer"],
    "training.batch_size=true": ["training.batch_size=True", "integer"],
    "model.filters=20": ["model.filters=20: should be a valid list, such as [20]"],
    "dataset=folder dataset.path=. dataset.shape=64": ["dataset.shape=64: should be a valid list"],
    "model.filters=[20,x]": ["model.filters.1=x", "integer"],
    "optimizer.learning_rate=fast": ["optimizer.learning_rate=fast", "number"],
    "seeds=[1,x]": ["seeds=", "x", "integer"],
    "dataset.shape=[28,28]": ["dataset.shape", "[features]", "got 2"],
    "deterministic=maybe": ["deterministic=maybe", "boolean"],
    "training=fast": ["training=fast"],
    "training.distillation=latest": ["training.distillation=latest", "{OPTION: VALUE, ...}"],
    "model=null": ["model=null"],
    # out of range
    "training.epochs=-1": ["training.epochs=-1", "greater than or equal to 0"],
    "training.batch_size=0": ["training.batch_size=0"],
    "training.batch_size=70000": ["training.batch_size=70000", "60000"],
    "dataset.validation_fraction=0.1 training.batch_size=54001": ["54001", "54000"],
    "dataset.train_size=600 training.batch_size=601": ["601", "600"],
    "model.hidden_dropout=1.5": ["model.hidden_dropout=1.5", "less than 1"],
    "model.hidden_dropout=-0.1": ["model.hidden_dropout=-0.1"],
    "dataset.train_size=60001": ["dataset.train_size=60001", "mnist", "60000"],
    "dataset.relabel={}": ["dataset.relabel={}: keeps no label", "null"],
    "dataset=5-vs-6 dataset.train_size=11340": ["5-vs-6", "11339"],
    "dataset=weight-age": ["training.batch_size=100", "only 6"],
    "dataset=weight-age training.batch_size=2 augmentation=flip": ["flip", "is a table"],
    "dataset=shapes dataset.source.test_fraction=1": ["test_fraction=1", "less than 1"],
    "dataset=shapes dataset.class_names.en=[cup,plate]": ["class_names", "2 in en, 3 in pt"],
    "dataset=shapes dataset.class_names.en=[circles]": ["classes", "at least 2"],
    "dataset=shapes dataset.shape=[8,8,2]": ["1 (gray) or 3 (RGB)", "[8, 8, 2]"],
    "dataset=cats-dogs dataset.source.validation=x dataset.validation_fraction=0.1": ["of its own"],
    "dataset=weight-age dataset.source.train=[4,baby]": ["dataset.source.train"],
    "dataset.train_size=0": ["dataset.train_size=0"],
    "dataset.validation_fraction=1.0": ["dataset.validation_fraction=1.0", "less than 1"],
    "dataset.validation_fraction=0.00001": ["validation_fraction=1e-05", "10 classes"],
    "dataset.train_size=50 dataset.validation_fraction=0.1": ["10 classes"],
    "optimizer.learning_rate=0": ["optimizer.learning_rate=0", "greater than 0"],
    "optimizer.learning_rate=nan": ["optimizer.learning_rate=nan", "finite"],
    "optimizer.learning_rate=inf": ["optimizer.learning_rate=inf", "finite"],
    "training.label_smoothing=1": ["training.label_smoothing=1", "less than 1"],
    "seed=-1": ["seed=-1"],
    "seed=3000000000": ["seed=3000000000", "less than"],
    "seeds=0": ["seeds=0"],
    "seeds=[]": ["seeds=[]"],
    "seeds=[2,2]": ["seeds=[2, 2]", "more than once"],
    "device=tpu": ["device=tpu", "'auto', 'cpu' or 'gpu'"],
    "precision=float16": ["precision=float16", "bfloat16"],
    "language=de": ["language=de", "'en' or 'pt'"],
    "model.activation=rlu": ["model.activation=rlu", "'relu'"],
    "schedule=plateau schedule.monitor=acuracy": ["schedule.monitor=acuracy", "'accuracy'"],
    # incompatible choices
    "training.loss=binary_crossentropy": ["2 classes", "mnist has 10"],
    f"{BLEND} training.loss=sparse_categorical_crossentropy": ["augmentation.blend mixes labels"],
    f"{BLEND} experiment=regression": ["augmentation.blend is made for classes"],
    "callbacks=early-stopping": [
        "callbacks.early-stopping.monitor=val_loss",
        "validation_fraction",
    ],
    "schedule=plateau schedule.monitor=val_loss": ["validation_fraction"],
    "experiment=regression schedule=plateau schedule.monitor=accuracy": [
        "schedule.monitor=accuracy is made for classes",
    ],
    "experiment=regression callbacks=early-stopping callbacks.early-stopping.monitor=accuracy": [
        "callbacks.early-stopping.monitor=accuracy is made for classes",
    ],
    "training.loss=mean_squared_error training.label_smoothing=0.1": ["label_smoothing", "loss"],
    "training.label_smoothing=0.1 training.loss=sparse_categorical_crossentropy": ["no effect"],
    "optimizer.ema=0.9 callbacks=early-stopping dataset.validation_fraction=0.1": [
        "optimizer.ema=0.9 has no effect",
        "callbacks.early-stopping.restore_best_weights=false",
    ],
    "optimizer=keras optimizer.name=Adam optimizer.options={use_ema:true} callbacks=early-stopping "
    "dataset.validation_fraction=0.1": ["optimizer.options.use_ema=True has no effect"],
    "model=dense model.filters=[3]": ["model.filters"],
    "model=[lenet,dense]": ["model=[lenet,dense]: takes one choice"],
    # no words of this language
    "epochs": ["epochs: expected KEY=VALUE"],
    "training.epochs:3": ["training.epochs:3"],
    "a=b=c": ["="],
    "model=lenet,dense": ["model=lenet,dense: expected one value", "-m tries each of several"],
    "optimizer.learning_rate=0,01": ["numbers have a point: optimizer.learning_rate=0.01"],
    "model.filters=32,64": ["expected a list, which has brackets: model.filters=[32,64]; -m"],
    "model.filters=[32;64]": ["commas stand between the values of a list: model.filters=[32,64]"],
    "training.epochs=3,5": ["training.epochs=3,5: expected one whole number; -m"],
    "dataset.train_size=1,000": ["expected one value", "-m tries each of several"],
    "model lenet": ["model: expected KEY=VALUE", "; did you mean model=lenet?"],
    "model = lenet": ["model: expected KEY=VALUE", "; did you mean model=lenet?"],
    "dataset=folder dataset.path=my own cats": ['; did you mean "dataset.path=my own cats"?'],
    "--model=lenet": ["--model=lenet: not understood", "; did you mean model=lenet?"],
    "--epochs 3": ["--epochs"],
    "tracking.run_name=${nothing}": ["nothing"],
    "training.epochs==3": ["training.epochs==3: has characters that must stand in quotes"],
    "tracking.run_name=a(b)": ["a(b): has characters", "\"tracking.run_name='a(b)'\""],
    "dataset.feature_names=[Idade(anos),Altura]": [
        "for the shell: \"dataset.feature_names=['Idade(anos)','Altura']\"",
    ],
    "model.hidden_units=[[8],[a(b)]]": ["\"model.hidden_units='[[8],[a(b)]]'\""],
    '+model.x={"a":1}': ['+model.x={"a":1}: has characters that must stand in quotes'],
    "tracking.run_name=äöü": [
        "tracking.run_name=äöü: has characters",
        "\"tracking.run_name='äöü'\"",
    ],
    "model@foo=dense": ["the choice of model has one place; write model= without @"],
    "+model@foo=dense": ["+model@foo=dense: the choice of model has one place"],
    # brackets and quotes
    "seeds=[1,2": ["seeds=[1,2: ] is missing"],
    "model=dense model.hidden_units=[1,2": ["model.hidden_units=[1,2: ] is missing"],
    "model={": ["model={: } is missing"],
    "seeds=1]": ["seeds=1]: ] closes nothing"],
    "tracking.run_name='abc": ["tracking.run_name='abc: ' is missing"],
    # a value of another kind
    "model.hidden_units={a:1}": ["{a:1}: expected a list such as [1, 2], as it was: [200]"],
    "dataset.class_names=[]": ["dataset.class_names=[]: expected a mapping such as {key: value}"],
    "dataset.validation_fraction=0.99999": ["leaves 1 to train on, too few for 10 classes"],
    # a component that is none
    "model._target_=runner.models.dense.dens": ["runner.models.dense.dens", "names no function"],
    "model._target_=nowhere.at_all": ["nowhere.at_all", "names no function"],
}


CHECK = """
import json, sys
from runner.sweeps.preparation import check_command
from runner.base.errors import ConfigurationError
lines, heavy = map(json.loads, sys.argv[1:])
said = {}
for line in lines:
    try:
        check_command(line.split())
    except ConfigurationError as error:
        said[line] = str(error), sorted(set(sys.modules) & set(heavy))
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said() -> dict[str, tuple[str, list[str]]]:
    """What a new process says of each mistake, and what heavy modules it has imported by then."""
    lines = [json.dumps(list(value)) for value in (MISTAKES, HEAVY)]
    done = subprocess.run(
        [sys.executable, "-c", CHECK, *lines], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, tuple[str, list[str]]] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_said_in_one_line_that_names_it(
    line: str, said: dict[str, tuple[str, list[str]]]
) -> None:
    assert line in said, "no error"
    message, _ = said[line]
    assert "\n" not in message
    assert len(message) < 500
    for word in MISTAKES[line]:
        assert word in message


def test_what_a_source_has_from_its_data_set_is_said_once(
    said: dict[str, tuple[str, list[str]]],
) -> None:
    message, _ = said["dataset=folder dataset.path=. dataset.shape=64"]
    assert message == "dataset.shape=64: should be a valid list"


@pytest.mark.parametrize(
    ("given", "quoted"),
    [
        ("dataset.path=Área de Trabalho/fotos (2)", "dataset.path='Área de Trabalho/fotos (2)'"),
        ("tracking.run_name=aula-nº1", "tracking.run_name='aula-nº1'"),
        ("dataset.path=my own/cats", "dataset.path=my own/cats"),
        ("training.epochs=range(1,3)", "training.epochs=range(1,3)"),
        ("dataset.path=fotos[é]", "dataset.path=fotos[é]"),
        ("--model=lenet", "--model=lenet"),
        ("model", "model"),
    ],
)
def test_a_text_with_accents_needs_no_quotes(given: str, quoted: str) -> None:
    assert quote_texts(given) == quoted


def test_no_mistake_imports_anything_heavy(said: dict[str, tuple[str, list[str]]]) -> None:
    assert {line: heavy for line, (_, heavy) in said.items() if heavy} == {}


def test_a_list_that_is_cut_says_where_the_rest_is() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_command(["experiment="])
    assert re.search(r" and \d+ more\); .*runner --help explains them all$", str(caught.value))


@pytest.mark.parametrize(
    ("line", "absent"),
    [
        ("model=dense model.filters=[3]", "did you mean model.filters"),
        ("optimizer=sgd optimizer.beta_1=0.3", "did you mean optimizer.beta_1"),
        ("model=lenet,dens -m", "/conf"),
        ("figures=[nothing]", "/conf"),
    ],
)
def test_names_that_do_not_exist_are_not_proposed(line: str, absent: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_command(line.split())
    assert absent not in str(caught.value)


@pytest.mark.parametrize(
    "line", ["model=lenett", "training.epochs=-1", "-m training.epochs=1,-1", "--epochs 3"]
)
def test_the_program_ends_with_one_line_and_a_code(
    line: str, command: Command, tmp_path: Path
) -> None:
    done = command(*line.split(), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert not list(tmp_path.iterdir())


def test_hydra_full_error_shows_the_traceback(command: Command, tmp_path: Path) -> None:
    done = command("training.epochs=-1", cwd=tmp_path, HYDRA_FULL_ERROR="1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith(
        "runner.base.errors.ConfigurationError: training.ep"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-m training.epochs=3,2,-1", ["training.epochs=-1"]),
        ("-m training.epochs=range(2,-2,-1)", ["training.epochs=-1"]),
        ("-m model=dense,lenet,vg", ["model=vg"]),
        ("-m dataset=mnist,5-vs-6 dataset.train_size=600,12000", ["5-vs-6", "11339"]),
        ("-m model=lenet,dense model.filters=[2,3]", ["model.filters"]),
        ("-m model=glob(*) model.filters=[2,3]", ["model.filters"]),
        ("-m seed=choice(1,-1)", ["seed=-1"]),
        ("-m optimizer.learning_rate=interval(0,1)", ["interval"]),
    ],
)
def test_every_job_of_a_sweep_is_checked(line: str, words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_command(line.split())
    for word in words:
        assert word in str(caught.value)
