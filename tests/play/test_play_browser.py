"""The page in headless Chromium, with real strokes: what a class sees on the projector.

Screenshots go to the folder that RUNNER_SCREENSHOTS names; the documentation shows some of them.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra [browser]")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the path"),
]
ROOT = Path(__file__).resolve().parents[2]
RUNS = (
    ("dataset=moons", "model=dense", "model.hidden_units=[8,8]", "model.activation=tanh",
     "training.epochs=60", "training.batch_size=10", "optimizer.learning_rate=0.01",
     "figures=[decision-regions]"),
    ("model=dense", "training.epochs=4", "dataset.train_size=15000", "figures=[]"),
    ("model=lenet", "training.epochs=3", "dataset.train_size=15000", "figures=[]"),
)  # fmt: skip
THREE = [(.3, .22), (.38, .16), (.5, .14), (.62, .17), (.68, .26), (.65, .37), (.56, .44),
         (.46, .47), (.57, .5), (.67, .58), (.7, .69), (.64, .8), (.5, .86), (.37, .84),
         (.28, .77)]  # fmt: skip
SEVEN = [(0.27, 0.2), (0.5, 0.2), (0.72, 0.19), (0.6, 0.42), (0.5, 0.63), (0.43, 0.85)]
ONE = [(0.52, 0.14), (0.51, 0.5), (0.5, 0.86)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classroom")
    for overrides in RUNS:
        command = [sys.executable, "-m", "runner", *overrides, "device=cpu"]
        done = subprocess.run(
            command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def server(workspace: Path) -> Iterator[str]:
    """The address that `runner play` prints."""
    command = [sys.executable, "-m", "runner", "play", "--no-browser"]
    process = subprocess.Popen(
        command, cwd=workspace, env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address = re.search(r"^play +(http://127\.0\.0\.1:\d+/)$", process.stdout.readline())
    assert address
    yield address[1]
    process.terminate()
    assert process.wait(30) == 130


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        camera = [f"--use-fake-{what}-for-media-stream" for what in ("device", "ui")]
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *camera]
        )
        yield opened
        opened.close()


class User:
    """Someone with a browser of their own.

    Attributes:
        page: that is open.
        asked: every address that the page asked for.
        errors: of the page's scripts.
    """

    def __init__(self, browser: Any, address: str, query: str = "lang=en", **options: Any) -> None:
        options = {"viewport": {"width": 1500, "height": 1000}} | options
        self.page = browser.new_context(**options).new_page()
        self.page.set_default_timeout(60_000)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{address}?theme=light&{query}")
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def choose(self, name: str, card: int = 0) -> None:
        select = self.page.locator(".card select").nth(card)
        texts = select.locator("option").all_inner_texts()
        label = next(text for text in texts if text.startswith(name))
        with self.page.expect_response("**/api/describe"):
            select.select_option(label=label)

    def draw(self, points: list[tuple[float, float]]) -> None:
        box = self.page.locator("#paper").bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=4)
        self.page.mouse.up()

    def answers(self, name: str, card: int = 0) -> None:
        told = self.page.locator(".card .answer").nth(card)
        sync_api.expect(told).to_have_text(re.compile(rf"^{name}(\W|\d|$)"))

    def explained(self) -> None:
        self.page.wait_for_selector(".nearest canvas")

    def maps(self, layer: str) -> list[str]:
        """The pictures of a layer's maps, as the browser has painted them."""
        painted = "canvases => canvases.map(canvas => canvas.toDataURL())"
        found = self.page.eval_on_selector_all(f"[data-layer={layer}] .tiles canvas", painted)
        return [str(picture) for picture in found]

    def shoot(self, name: str, whole: bool = True) -> None:
        folder = os.environ.get("RUNNER_SCREENSHOTS")
        if folder:
            self.page.wait_for_timeout(800)
            timed = "document.querySelectorAll('.facts p')"  # a time is another one each time
            self.page.evaluate(
                f"{timed}.forEach(p => p.textContent = p.textContent.replace(/ · \\d+ ms/, ''))"
            )
            self.page.screenshot(path=str(Path(folder) / f"play-{name}.png"), full_page=whole)


@pytest.fixture
def user(browser: Any, server: str) -> Iterator[User]:
    someone = User(browser, server)
    yield someone
    assert someone.errors == []
    assert {url for url in someone.asked if not url.startswith((server, "data:", "blob:"))} == set()
    someone.page.context.close()


def test_a_drawn_three_is_a_three_and_layers_change(user: User) -> None:
    user.choose("lenet-mnist")
    user.draw(THREE)
    user.answers("3")
    user.explained()
    assert user.page.locator(".heats canvas").count() == 5
    assert user.page.locator(".nearest figcaption").all_inner_texts().count("3") >= 7
    user.shoot("draw")
    of_three = user.maps("convolution_1")
    user.page.click("#clear")
    user.page.wait_for_selector(".hint")
    user.draw(SEVEN)
    user.answers("7")
    of_seven = user.maps("convolution_1")
    assert len(of_three) == len(of_seven) == 16
    assert sum(a != b for a, b in zip(of_three, of_seven, strict=True)) >= 12


def test_a_unit_is_looked_at_and_silenced(user: User) -> None:
    user.choose("lenet-mnist")
    user.draw(THREE)
    user.answers("3")
    user.explained()
    user.page.click("[data-layer=convolution_1] .name button")
    sync_api.expect(user.page.locator("[data-layer=convolution_1] .tiles canvas")).to_have_count(20)
    alive = user.maps("convolution_1")
    user.page.click("[data-layer=convolution_1] .tiles button >> nth=2")
    user.page.wait_for_selector(".unit .pictures canvas >> nth=8")
    user.page.get_by_text("an image made to excite it").wait_for()
    user.shoot("unit")
    user.page.click(".silence")
    user.page.wait_for_selector(".tiles button.silenced")
    silent = user.maps("convolution_1")
    assert silent[2] != alive[2]
    assert silent[5] == alive[5]
    sync_api.expect(user.page.locator(".facts")).to_contain_text("silenced units: 1")


def test_the_smallest_change_flips_the_answer(user: User) -> None:
    user.choose("lenet-mnist")
    user.draw(ONE)
    user.answers("1")
    user.explained()
    user.page.click(".flip")
    told = user.page.locator(".flipped figcaption").first
    sync_api.expect(told).to_have_text(re.compile(r"by at most \d+ of 255: now “[^1]”"))


def test_two_networks_see_the_same_drawing_and_sliders_change_it(user: User) -> None:
    user.choose("lenet-mnist")
    user.page.click("#compare")
    user.choose("dense-mnist", card=1)
    user.draw(THREE)
    user.answers("3", 0)
    user.answers("3", 1)
    seen = "canvases => canvases.map(canvas => canvas.toDataURL())"
    until(lambda: len(set(user.page.eval_on_selector_all(".seen canvas", seen))) == 1)
    before = user.page.eval_on_selector_all(".seen canvas", seen)
    user.page.focus("input[name=turn]")
    with user.page.expect_response("**/api/look"):
        for _ in range(12):
            user.page.keyboard.press("ArrowRight")
    user.page.wait_for_timeout(1_000)
    user.explained()
    user.shoot("compare", whole=False)
    assert user.page.eval_on_selector_all(".seen canvas", seen)[0] != before[0]
    assert user.page.locator("input[name=turn] + output").inner_text() == "60°"
    user.page.click("#straight")
    user.answers("3", 0)


def test_two_users_do_not_see_each_others_drawing(browser: Any, server: str, user: User) -> None:
    other = User(browser, server)
    for each in (user, other):
        each.choose("lenet-mnist")
    for points, name in ((THREE, "3"), (SEVEN, "7"), (ONE, "1")):
        for each, drawn in ((user, points), (other, SEVEN)):
            each.page.click("#clear")
            each.draw(drawn)
        user.answers(name)
        other.answers("7")
    other.page.context.close()


def test_an_uploaded_picture_is_recognized(user: User, tmp_path: Path) -> None:
    from PIL import Image, ImageDraw

    photo = Image.new("RGB", (900, 700), (235, 228, 215))
    ImageDraw.Draw(photo).line([(300, 150), (560, 150), (400, 560)], (40, 40, 90), 45, "curve")
    photo.save(tmp_path / "seven.jpg")
    user.choose("lenet-mnist")
    user.page.set_input_files("#file", tmp_path / "seven.jpg")
    user.answers("7")


def test_a_picture_is_taken_with_the_webcam(user: User) -> None:
    user.choose("lenet-mnist")
    user.page.click("#webcam")
    until(lambda: user.page.eval_on_selector("#video", "video => video.videoWidth > 0"))
    user.page.click("#shoot")
    user.answers("[0-9]")
    assert user.page.locator("#camera").is_hidden()


def test_a_file_that_is_no_image_breaks_nothing(user: User, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(30 << 20)
    user.choose("lenet-mnist")
    message = user.page.locator("#message")
    user.page.set_input_files("#file", tmp_path / "text.png")
    sync_api.expect(message).to_have_text(re.compile("^That is no picture"))
    user.shoot("error", whole=False)
    user.page.set_input_files("#file", tmp_path / "huge.jpg")
    sync_api.expect(message).to_have_text(re.compile("too large"))
    user.draw(THREE)
    user.answers("3")
    sync_api.expect(message).to_be_hidden()


def test_the_keyboard_alone_is_enough_to_draw(user: User) -> None:
    user.choose("lenet-mnist")
    user.page.focus("#paper")
    for keys in (["ArrowUp"] * 5, [" "], ["ArrowDown"] * 21, [" "]):
        for key in keys:
            user.page.keyboard.press(key)
    user.answers("1")


def test_the_page_in_portuguese_and_back(browser: Any, server: str) -> None:
    someone = User(browser, server, "lang=pt")
    sync_api.expect(someone.page.locator("#clear")).to_have_text("Limpar")
    someone.choose("lenet-mnist")
    someone.draw(THREE)
    someone.answers("3")
    someone.explained()
    someone.shoot("draw-pt")
    someone.page.click("#language")
    sync_api.expect(someone.page.locator("#clear")).to_have_text("Clear")
    someone.answers("3")
    assert someone.errors == []
    someone.page.context.close()


def test_a_phone_with_a_finger(browser: Any, server: str) -> None:
    phone: dict[str, Any] = {
        "viewport": {"width": 390, "height": 800},
        "has_touch": True,
        "is_mobile": True,
    }
    someone = User(browser, server, **phone)
    someone.choose("lenet-mnist")
    someone.page.locator("#paper").scroll_into_view_if_needed()
    session = someone.page.context.new_cdp_session(someone.page)
    box = someone.page.locator("#paper").bounding_box()
    for number, (x, y) in enumerate(THREE):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    someone.answers("3")
    someone.shoot("phone", whole=False)
    assert someone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert someone.errors == []
    someone.page.context.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait; Playwright's own way evaluates texts, which the page forbids."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def put(user: User, name: str, value: float) -> None:
    """Move a slider."""
    script = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')) }"
    user.page.eval_on_selector(f"input[name='{name}']", script, value)


def test_while_data_sets_are_looked_for_the_page_says_so(user: User) -> None:
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    user.page.route("**/api/choices", hold)
    user.page.click("#tab-train")
    hint = user.page.locator("#train .hint")
    sync_api.expect(hint).to_have_text("Looking which data sets are on this machine ...")
    held[0].continue_()
    user.page.wait_for_selector("#start")
    assert user.errors == []


def test_a_training_is_watched_and_played_with(user: User) -> None:
    user.page.click("#tab-train")
    user.page.wait_for_selector("#start")
    put(user, "train.size", 4)
    put(user, "train.epochs", 6)
    user.page.click("#start")
    panel = user.page.locator(".training", has_text="epochs-6+")
    panel.locator(".filters canvas").first.wait_for()
    panel.locator("[data-state=finished] .strong").wait_for()
    choices = panel.locator("select option").all_inner_texts()
    panel.locator("select").select_option(label=next(c for c in choices if "dense" in c))
    user.shoot("train")
    assert re.search(r"finished · epoch 6 of 6 · on test data: [\d.]+ %", panel.inner_text())
    panel.get_by_text("Draw for it").click()
    user.draw(THREE)
    user.answers("3")


def test_a_training_is_stopped_and_goes_on(user: User) -> None:
    user.page.click("#tab-train")
    user.page.wait_for_selector("#start")
    put(user, "train.size", 2)
    put(user, "train.epochs", 40)
    user.page.click("#start")
    panel = user.page.locator(".training", has_text="epochs-40")
    sync_api.expect(panel.locator(".state")).to_have_text(
        re.compile(r"^trains · epoch [1-9]"), timeout=60_000
    )
    panel.locator(".stop").click()
    sync_api.expect(panel.locator(".state")).to_have_text(
        re.compile(r"^stopped · epoch [1-9]"), timeout=20_000
    )
    panel.get_by_text("Go on").click()
    sync_api.expect(panel.locator(".state")).to_have_text(
        re.compile("^finished · epoch 40 of 40"), timeout=120_000
    )


def test_regions_change_from_epoch_to_epoch(user: User) -> None:
    user.page.click("#tab-regions")
    user.page.wait_for_selector(".hidden-units canvas")
    assert user.page.locator(".hidden-units canvas").count() == 16
    sync_api.expect(user.page.locator("#epoch")).to_have_text("epoch 60")
    user.shoot("regions")
    plane = "canvas => canvas.toDataURL()"
    last = user.page.eval_on_selector(".region canvas", plane)
    user.page.focus(".epoch input")
    user.page.keyboard.press("Home")
    sync_api.expect(user.page.locator("#epoch")).to_have_text("epoch 0")
    user.page.wait_for_timeout(500)
    assert user.page.eval_on_selector(".region canvas", plane) != last
    user.page.click("#play")
    sync_api.expect(user.page.locator("#epoch")).to_have_text("epoch 60", timeout=120_000)
