"""The pictures: their recipes lead somewhere, they load nothing from the network, and every one is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import make_screenshots
from tests.make_screenshots import PICTURES, PICTURES_FOLDER, Picture, drawn, main
from tests.samples_source import SAMPLES
from tui.picture import best_font, clean


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder that holds the samples, and settings of its own."""
    shutil.copytree(SAMPLES, tmp_path / "traces", ignore=shutil.ignore_patterns("incoming"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_CONFIG_DIR", str(tmp_path / "config"))


def named(name: str) -> Picture:
    return next(picture for picture in PICTURES if picture.name == name)


def words(svg: str) -> str:
    """What is written in a picture, with plain spaces."""
    return svg.replace("&#160;", " ")


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("home", ("Needs approval", "publish_crate", "1 quarantined")),
        ("home-80x24", ("needs approval",)),
        ("divergences", ("release-sdk-2.6.1", "signed", "/effect_receipts/3/signed")),
        ("approve", ("Promote", "release-lead@tidewater.example")),
        ("problems", ("release/11-18-v2.8.1.json", "policy violation")),
        ("help", ("Problems",)),
    ],
)
async def test_recipes_lead_to_their_screens(name: str, shown: tuple[str, ...]) -> None:
    svg = words(await drawn(named(name)))
    for text in shown:
        assert text in svg
    assert "cdnjs" not in svg
    assert "url(" not in svg.replace("url(#", "")


def test_every_picture_is_there_and_no_other() -> None:
    wanted = {f"{picture.name}.{kind}" for picture in PICTURES for kind in ("svg", "png")}
    assert {path.name for path in PICTURES_FOLDER.iterdir()} == wanted
    assert len({picture.name for picture in PICTURES}) == len(PICTURES)


def test_pictures_tell_nothing_about_the_machine() -> None:
    for path in PICTURES_FOLDER.glob("*.svg"):
        text = path.read_text("utf-8")
        assert "/tmp/" not in text, path.name
        assert str(Path.home()) + "/" not in text, path.name


def test_remote_fonts_go_and_local_ones_stay() -> None:
    rule = 'src: local("FiraCode-Regular"),\n  url("https://fonts.example/a.woff2") format("woff2");'
    assert clean(rule) == 'src: local("FiraCode-Regular");'


def test_the_best_font_of_a_folder_is_found(tmp_path: Path) -> None:
    assert best_font([tmp_path]) is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "FiraCode-Regular.ttf").write_bytes(b"")
    assert best_font([tmp_path]) == "Fira Code"
    (tmp_path / "DejaVuSansMono.ttf").write_bytes(b"")
    assert best_font([tmp_path]) == "DejaVu Sans Mono"


def test_without_a_font_it_is_told_how_to_get_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fonts", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "apt install fonts-dejavu-core" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert make_screenshots.NOW == 1_795_165_200
