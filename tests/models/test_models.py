"""Networks: shapes, parameter counts worked out by hand, pixels, options."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from built_networks import blank, built, noise, shapes, trained_parameters

from runner.base.errors import ConfigurationError
from runner.base.option_types import Normalization
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.models.layers import image_input

Configure = Callable[..., Config]
NORMALIZATION = 28 + 28 + 1  # mean and variance of each column, and a count; none is trained
TRANSFER = ("model=mobilenet",)
BACKBONES = ("inception-resnet-v2", "mobilenet")


COUNTS = {
    "mlp1": 784 * 400 + 400 + 400 * 10 + 10,
    "mlp2": 784 * 400 + 400 + 400 * 100 + 100 + 100 * 10 + 10,
    # 28 - 4 = 24 -> 12, 12 - 4 = 8 -> 4: 4 * 4 * 40 = 640 features
    "cnn1": (25 + 1) * 20 + (25 * 20 + 1) * 40 + (640 + 1) * 200 + (200 + 1) * 10,
    "cnn2": (25 + 1) * 20 + (25 * 20 + 1) * 40 + 641 * 200 + 201 * 50 + 51 * 10,
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_handouts_networks_have_the_parameters_counted_by_hand(
    name: str, configure: Configure, digits: Dataset
) -> None:
    model = built(configure(f"experiment={name}"), digits.train)
    assert trained_parameters(model) == COUNTS[name]
    adapted = NORMALIZATION if name.startswith("mlp") else 0
    assert model.count_params() == COUNTS[name] + adapted
    if name == "cnn1":
        assert COUNTS[name] == 150_770  # as the handout prints it


def test_lenet5_rgb_has_the_62_958_parameters_of_the_handouts_table(configure: Configure) -> None:
    config = configure("model=lenet", "model.filters=[8,16]", "model.hidden_units=[120,84]")
    model = built(config, blank(32, 32, 3))
    # 32 - 4 = 28 -> 14, 14 - 4 = 10 -> 5: 5 * 5 * 16 = 400 features
    by_hand = (25 * 3 + 1) * 8 + (25 * 8 + 1) * 16 + 401 * 120 + 121 * 84 + 85 * 10
    assert model.count_params() == by_hand == 62_958


def test_vgg_3x3_has_the_parameters_counted_by_hand(configure: Configure) -> None:
    model = built(configure("model=vgg-3x3"), blank(28, 28, 1))
    convolutions = 9 * (1 * 32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 128 * 128)
    normalizations = 4 * 2 * (32 + 64 + 128)  # half of them, mean and variance, not trained
    head = (3 * 3 * 128 + 1) * 128 + (128 + 1) * 10  # 28 -> 14 -> 7 -> 3
    assert model.count_params() == convolutions + normalizations + head
    assert trained_parameters(model) == convolutions + normalizations // 2 + head


def test_the_small_xception_has_the_parameters_of_the_book(configure: Configure) -> None:
    config = configure("model=xception-mini", "dataset=cats-dogs", "dataset.shape=[180,180,3]")
    model = built(config, blank(180, 180, 3))
    assert (model.count_params(), trained_parameters(model)) == (721_857, 718_849)
    assert model.get_layer("pooling").input.shape[1:] == (6, 6, 512)


def test_dense_layers_are_normalized_and_disturbed_before_their_activation(
    configure: Configure,
) -> None:
    options = ("model.hidden_units=[8,6]", "model.noise=0.2", "model.input_noise=0.3")
    with_both = ("model=dense", *options, "model.batch_normalization=true")
    model = built(configure(*with_both, "model.hidden_dropout=0.1"), blank(28, 28, 1))
    hidden = ["Dense", "BatchNormalization", "GaussianNoise", "Activation", "Dropout"]
    kinds = [row[0] for row in shapes(model)]
    start = ["InputLayer", "Normalization", "Flatten", "GaussianNoise"]
    assert kinds == [*start, *hidden, *hidden, "Dense"]
    noises = [one.stddev for one in model.layers if isinstance(one, keras.layers.GaussianNoise)]
    assert noises == [0.3, 0.2, 0.2]
    assert not model.get_layer("dense_1").use_bias
    plain = built(configure("model=dense", *options), blank(28, 28, 1))
    assert plain.get_layer("dense_1").use_bias
    images = noise(28, 28, 1)
    np.testing.assert_array_equal(np.asarray(model(images)), np.asarray(model(images)))


@pytest.mark.parametrize("name", ["resnet", "xception-mini"])
def test_every_weight_gets_a_gradient(name: str, configure: Configure) -> None:
    small = ["model.depth=8"] if name == "resnet" else ["model.filters=[16,16]"]
    model = built(configure(f"model={name}", *small), blank(28, 28, 1))
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    before = [variable.numpy() for variable in model.trainable_variables]
    model.train_on_batch(noise(28, 28, 1), np.arange(3))
    for variable, old in zip(model.trainable_variables, before, strict=True):
        assert not np.array_equal(variable.numpy(), old), variable.path


def test_mlp1_and_mlp2_are_composed_layer_by_layer(configure: Configure, digits: Dataset) -> None:
    start = [("InputLayer", 28, 28, 1), ("Normalization", 28, 28, 1), ("Flatten", 784)]
    assert shapes(built(configure("experiment=mlp1"), digits.train)) == [
        *start,
        ("Dense", 400, "sigmoid"),
        ("Dense", 10, "sigmoid"),
    ]
    assert shapes(built(configure("experiment=mlp2"), digits.train)) == [
        *start,
        ("Dense", 400, "relu"),
        ("Dense", 100, "relu"),
        ("Dense", 10, "softmax"),
    ]


def test_cnn1_and_cnn2_are_composed_layer_by_layer(configure: Configure, digits: Dataset) -> None:
    features = [
        ("InputLayer", 28, 28, 1),
        ("Rescaling", 28, 28, 1),
        ("Conv2D", 24, 24, 20, "relu"),
        ("MaxPooling2D", 12, 12, 20),
        ("Conv2D", 8, 8, 40, "relu"),
        ("MaxPooling2D", 4, 4, 40),
    ]
    assert shapes(built(configure("experiment=cnn1"), digits.train)) == [
        *features,
        ("Flatten", 640),
        ("Dense", 200, "relu"),
        ("Dense", 10, "softmax"),
    ]
    cnn2 = built(configure("experiment=cnn2"), digits.train)
    assert shapes(cnn2) == [
        *features,
        ("Dropout", 4, 4, 40),
        ("Flatten", 640),
        ("Dense", 200, "relu"),
        ("Dropout", 200),
        ("Dense", 50, "relu"),
        ("Dropout", 50),
        ("Dense", 10, "softmax"),
    ]
    dropouts = [layer.rate for layer in cnn2.layers if isinstance(layer, keras.layers.Dropout)]
    assert dropouts == [0.25, 0.5, 0.5]


@pytest.mark.parametrize("name", COUNTS)
def test_initial_weights_are_glorot_uniform_and_biases_zero(
    name: str, configure: Configure, digits: Dataset
) -> None:
    for layer in built(configure(f"experiment={name}"), digits.train).layers:
        if isinstance(layer, keras.layers.Dense | keras.layers.Conv2D):
            kernel, bias = layer.get_weights()
            receptive = np.prod(kernel.shape[:-2])
            limit = np.sqrt(6 / (receptive * kernel.shape[-2] + receptive * kernel.shape[-1]))
            assert 0.9 * limit < np.abs(kernel).max() <= limit
            assert not bias.any()


@pytest.mark.parametrize(
    ("normalization", "black", "white"),
    [("inverted", 0.5, -0.5), ("inverted_unit", 1, 0), ("unit", 0, 1), ("none", 0, 255)],
)
def test_pixels_are_scaled(
    normalization: str, black: float, white: float, configure: Configure
) -> None:
    model = built(configure(f"model.normalization={normalization}"), blank(28, 28, 1))
    scaled = keras.Model(model.input, model.get_layer("convolution_1").input)
    pixels = np.zeros((1, 28, 28, 1), np.float32)
    pixels[0, 3, 4] = 255
    values = np.asarray(scaled(pixels))
    np.testing.assert_allclose(values[0, 3, 4, 0], white, atol=1e-7)
    np.testing.assert_allclose(np.delete(values.ravel(), 3 * 28 + 4), black, atol=1e-7)


def test_an_adapted_normalization_knows_the_training_pixels_alone(
    configure: Configure, digits: Dataset
) -> None:
    model = built(configure("model=dense"), digits.train)
    layer = model.get_layer("normalization")
    pixels = digits.train.images.astype(np.float64)
    np.testing.assert_allclose(np.ravel(layer.mean), [pixels.mean()], rtol=1e-5)
    np.testing.assert_allclose(np.ravel(layer.variance), [pixels.var()], rtol=1e-5)
    normalized = np.asarray(layer(digits.train.images.astype(np.float32)))
    np.testing.assert_allclose([normalized.mean(), normalized.std()], [0, 1], atol=1e-3)


def test_columns_of_pixels_can_be_normalized_each_for_itself(
    configure: Configure, digits: Dataset
) -> None:
    without_channel = keras.layers.Normalization()  # of Keras takes the last axis for channels
    without_channel.adapt(digits.train.images[..., 0])
    model = built(configure("model=dense", "model.normalization=adapted_columns"), digits.train)
    pixels = digits.train.images[:9].astype(np.float32)
    np.testing.assert_allclose(
        np.asarray(model.get_layer("normalization")(pixels))[..., 0],
        np.asarray(without_channel(pixels[..., 0])),
        rtol=1e-5,
    )


@pytest.mark.parametrize("name", ["adapted", "adapted_columns"])
def test_columns_of_a_table_are_normalized_each_for_itself(name: Normalization) -> None:
    rows = np.random.default_rng(0).normal([5, 100], [1, 20], (200, 2)).astype(np.float32)
    pixels, normalized = image_input((2,), name)
    model = keras.Model(pixels, normalized)
    model.get_layer("normalization").adapt(rows)
    np.testing.assert_allclose(np.asarray(model(rows)).std(axis=0), [1, 1], rtol=1e-4)


@pytest.mark.parametrize("model", ["dense", "lenet", "vgg-3x3"])
def test_in_bfloat16_probabilities_are_still_float32(model: str, configure: Configure) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    network = built(configure(f"model={model}"), blank(28, 28, 1))
    assert network.get_layer("output").compute_dtype == "float32"
    assert network.layers[-3].compute_dtype == "bfloat16"
    assert all(variable.dtype == "float32" for variable in network.trainable_variables)


def test_two_classes_have_one_sigmoid_or_two_softmax_outputs(configure: Configure) -> None:
    binary = built(configure("dataset=5-vs-6"), blank(28, 28, 1))
    assert shapes(binary)[-1] == ("Dense", 1, "sigmoid")
    sparse = "training.loss=sparse_categorical_crossentropy"
    assert shapes(built(configure("dataset=5-vs-6", sparse), blank(28, 28, 1)))[-1] == (
        "Dense",
        2,
        "softmax",
    )


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["model.kernel_size=30"], ["lenet", "28x28x1", "30x30 does not fit into the 28x28"]),
        (["model.filters=[2,2,2,2]", "model.kernel_size=9"], ["28x28x1"]),
        (["model.pool_size=29"], ["28x28x1"]),
        (["model.kernel_size=[5,5,5]"], ["model.kernel_size=[5, 5, 5]", "2", "got 3"]),
        (["model=vgg-3x3", "model.filters=[2,2,2,2,2]"], ["vgg_3x3", "28x28x1"]),
        (["dataset=5-vs-6", "model.output_activation=softmax"], ["softmax", "sigmoid"]),
        ([*TRANSFER, "model.backbone=MobilNet"], ["MobilNet", "did you mean", "MobileNet"]),
        ([*TRANSFER, "model.weights=/no/such.h5"], ["/no/such.h5", "no such file"]),
        ([*TRANSFER, "model.weights=null", "model.image_size=8"], ["at least 32"]),
        (["model=inception-resnet-v2", "model.weights=null", "model.alpha=1"], ["alpha"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_network_that_does_not_fit_is_refused_in_words(
    overrides: list[str], words: list[str], configure: Configure
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        built(configure(*overrides), blank(28, 28, 1))
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_first_layers_weights_can_be_penalized(configure: Configure) -> None:
    model = built(configure("model=dense", "model.input_l1=0.01"), blank(28, 28, 1))
    kernel = np.abs(np.asarray(model.get_layer("dense_1").kernel))
    np.testing.assert_allclose([float(loss) for loss in model.losses], [0.01 * kernel.sum()], 1e-5)
    assert not built(configure("model=dense"), blank(28, 28, 1)).losses


def test_options_of_convolutions_reach_the_layers(configure: Configure) -> None:
    options = ("model.padding=same", "model.strides=[2,1]", "model.pooling=average")
    more = ("model.pool_size=3", "model.pool_strides=1", "model.kernel_initializer=he_normal")
    model = built(configure("model=lenet", *options, *more, "model.l2=0.01"), blank(28, 28, 1))
    assert shapes(model)[2:6] == [
        ("Conv2D", 14, 14, 20, "relu"),
        ("AveragePooling2D", 14, 14, 20),
        ("Conv2D", 14, 14, 40, "relu"),
        ("AveragePooling2D", 14, 14, 40),
    ]
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
    squares = sum(float(np.square(np.asarray(kernel)).sum()) for kernel in kernels)
    assert sum(float(loss) for loss in model.losses) == pytest.approx(0.01 * squares, rel=1e-4)
    first = model.get_layer("convolution_1").kernel_initializer
    assert isinstance(first, keras.initializers.HeNormal)


def test_vgg_3x3_leaves_as_many_features_as_cnn2(configure: Configure) -> None:
    model = built(configure("experiment=vgg-3x3"), blank(28, 28, 1))
    assert shapes(model)[2:11] == [
        ("Conv2D", 26, 26, 20, "relu"),
        ("Conv2D", 24, 24, 20, "relu"),
        ("MaxPooling2D", 12, 12, 20),
        ("Conv2D", 10, 10, 40, "relu"),
        ("Conv2D", 8, 8, 40, "relu"),
        ("MaxPooling2D", 4, 4, 40),
        ("Dropout", 4, 4, 40),
        ("Flatten", 640),
        ("Dense", 200, "relu"),
    ]
    cnn2, ours = configure("experiment=cnn2"), configure("experiment=vgg-3x3")
    assert (ours.training, ours.optimizer, ours.schedule, ours.augmentation) == (
        cnn2.training,
        cnn2.optimizer,
        cnn2.schedule,
        cnn2.augmentation,
    )
