"""Names of inputs in the table for people."""

from runner.predict.prediction_formats import short_names

FAR = "/home/maria/courses/neural-networks/pictures"


def test_long_paths_lose_their_front_and_keep_the_name_of_the_file() -> None:
    short = f"{FAR[:20]}/one.png"
    long = f"a-picture-of-the-digit-{'very-' * 10}well-drawn.png"
    assert short_names([short, f"{FAR}/zeros/one.png", f"{FAR}/{long}"]) == [
        short,
        "...ourses/neural-networks/pictures/zeros/one.png",
        f"...{long}",
    ]


def test_two_inputs_never_look_alike() -> None:
    alike = [f"{FAR}/{folder}/{'of-the-whole-class/' * 3}one.png" for folder in ("may", "june")]
    assert short_names(alike) == alike
    other = f"{FAR}/{'of-the-whole-class/' * 3}two.png"
    assert short_names([*alike, other])[-1] == f"...{other[-45:]}"
