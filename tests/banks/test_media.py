"""The pictures of a bank: real ones from beside it, and nothing in their copies but the picture."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from server.banks import library, pixels
from server.banks import media as media_module
from server.banks.library import Banks
from server.banks.loader import MAX_PICTURES, load_bank
from server.banks.media import Pictures
from server.banks.pixels import MAX_BYTES, PictureError
from server.banks.problems import BankError
from server.game.questions import Media
from tests.banks.builders import GOOD, HEAD, spoiled, write

SECRETS = (b"Exif", b"GPS", b"Hidden Camera", b"XMP", b"ICCP", b"a secret comment")


def picture(
    folder: Path, name: str, size: tuple[int, int] = (60, 40), kind: str | None = None, **options
) -> Path:
    """Write a picture whose left half is red and whose right half is blue."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image.save(path, kind, **options)
    return path


def with_media(file: str, *more: str) -> str:
    """Return the good bank with a picture on its first question; `file` and `alt` are its lines 8 to 10."""
    lines = "".join(f"\n      {line}" for line in (f"file: {file}", "alt: A map", *more))
    return spoiled("    stem: Which one?\n", f"    stem: Which one?\n    media:{lines}\n")


def taken(folder: Path, file: str, copies: Path | None = None) -> Media:
    return Pictures(copies).taken(Media(file=file, alt="A"), folder)


def refusal(folder: Path, file: str) -> str:
    with pytest.raises(PictureError) as error:
        taken(folder, file)
    return str(error.value)


def copies_of(media: Media, folder: Path) -> list[Image.Image]:
    """Return the phones' copy and the projector's."""
    return [
        Image.open(folder / Media.name_of(media.digest, px)) for px in (Media.PHONE_PX, Media.PROJECTOR_PX)
    ]


# --- copies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "phone", "projector"),
    [
        ((60, 40), (60, 40), (60, 40)),
        ((1_000, 500), (800, 400), (1_000, 500)),
        ((4_000, 3_000), (800, 600), (1_600, 1_200)),
        ((500, 2_000), (200, 800), (400, 1_600)),
        ((5_000, 1), (800, 1), (1_600, 1)),
    ],
)
@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_phones_and_projector_get_copies_no_larger_than_they_need(tmp_path, size, phone, projector, name):
    picture(tmp_path, name, size)
    media = taken(tmp_path, name, tmp_path / "media")
    small, large = copies_of(media, tmp_path / "media")
    assert (small.format, large.format) == ("WEBP", "WEBP")
    assert (small.size, large.size) == (phone, projector)
    for is_phone, copy in ((True, small), (False, large)):
        view = media.view("en", "en", is_phone=is_phone)
        assert (view["width"], view["height"]) == copy.size
        assert view["url"] == f"/media/{Path(copy.filename).name}"
    assert sorted(os.listdir(tmp_path / "media")) == sorted(Path(c.filename).name for c in (small, large))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.jpeg", "a.webp", "a.gif", "A.PNG", "maps/a.jpg"])
def test_every_usual_format_is_taken(tmp_path, name):
    picture(tmp_path, name, (100, 50), {".gif": "GIF"}.get(name[-4:]))
    media = taken(tmp_path, name, tmp_path / "media")
    copy = copies_of(media, tmp_path / "media")[1].convert("RGB")
    red, blue = copy.getpixel((20, 25)), copy.getpixel((80, 25))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


def test_of_a_moving_picture_the_first_frame_counts(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    for name in ("a.gif", "a.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=50)
        copy = copies_of(taken(tmp_path, name, tmp_path / "media"), tmp_path / "media")[0]
        assert getattr(copy, "n_frames", 1) == 1
        assert copy.convert("RGB").getpixel((10, 10))[0] > 200


def test_what_shines_through_still_does(tmp_path):
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    copy = copies_of(taken(tmp_path, "a.png", tmp_path / "media"), tmp_path / "media")[1]
    assert copy.getpixel((5, 5))[3] == 0


def test_a_copy_tells_nothing_of_place_time_camera_or_name(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Hidden Camera"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>XMP secret</x:xmpmeta>"
    for name in ("holiday.jpg", "holiday.webp", "holiday.png"):
        picture(tmp_path, name, exif=exif, xmp=xmp, icc_profile=b"x" * 200, comment=b"a secret comment")
        assert b"Hidden Camera" in (tmp_path / name).read_bytes()
        media = taken(tmp_path, name, tmp_path / "media")
        for copy in copies_of(media, tmp_path / "media"):
            raw = Path(copy.filename).read_bytes()
            assert not [secret for secret in SECRETS if secret in raw]
            assert not copy.getexif()
            assert "holiday" not in Path(copy.filename).name


def test_a_picture_taken_sideways_stands_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    picture(tmp_path, "a.jpg", (100, 50), exif=exif)
    media = taken(tmp_path, "a.jpg", tmp_path / "media")
    assert (media.width, media.height) == (50, 100)
    copy = copies_of(media, tmp_path / "media")[1].convert("RGB")
    assert copy.getpixel((25, 20))[0] > 200 > copy.getpixel((25, 80))[0]


def test_the_name_is_of_the_content_so_the_same_picture_is_kept_once(tmp_path):
    picture(tmp_path, "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    picture(tmp_path, "c.png", (61, 40))
    a, b, c = (taken(tmp_path, f"{name}.png", tmp_path / "media") for name in "abc")
    assert a.digest == b.digest != c.digest
    assert len(os.listdir(tmp_path / "media")) == 4


def test_a_copy_that_was_deleted_is_made_again(tmp_path):
    picture(tmp_path, "a.png")
    pictures = Pictures(tmp_path / "media")
    media = pictures.taken(Media(file="a.png", alt="A"), tmp_path)
    for copy in (tmp_path / "media").iterdir():
        copy.unlink()
    assert pictures.taken(Media(file="a.png", alt="A"), tmp_path) == media
    assert len(os.listdir(tmp_path / "media")) == 2


def test_a_copy_that_a_power_cut_spoiled_is_made_again(tmp_path):
    picture(tmp_path, "a.png")
    media = taken(tmp_path, "a.png", tmp_path / "media")
    for copy in (tmp_path / "media").iterdir():
        copy.write_bytes(b"")
        assert taken(tmp_path, "a.png", tmp_path / "media") == media
        assert [copy.size for copy in copies_of(media, tmp_path / "media")] == [(60, 40)] * 2


def greys_of(picture: Image.Image) -> list[int]:
    return [picture.convert("L").getpixel((x, picture.height // 2)) for x in range(8, picture.width, 16)]


def test_grey_of_16_bits_keeps_its_shades(tmp_path):
    row = b"".join(grey.to_bytes(2, "little") * 16 for grey in (0, 1_000, 30_000, 65_535))
    Image.frombytes("I;16", (64, 16), row * 16).save(tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").mode.startswith("I")
    large = copies_of(taken(tmp_path, "a.png", tmp_path / "media"), tmp_path / "media")[1]
    assert greys_of(large) == pytest.approx([0, 4, 117, 255], abs=3)


def swapped_profile() -> bytes:
    """Return a colour profile by which red is blue and blue is red."""
    raw = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return raw.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_colours_are_those_that_the_profile_means(tmp_path, name):
    picture(tmp_path, name, icc_profile=swapped_profile())
    for copy in copies_of(taken(tmp_path, name, tmp_path / "media"), tmp_path / "media"):
        red, blue, green = (copy.convert("RGB").getpixel((x, 20))[n] for x, n in ((50, 0), (10, 2), (10, 1)))
        assert min(red, blue) > 200 > 60 > green


def test_what_shines_through_and_has_a_profile_keeps_both(tmp_path):
    half = Image.new("RGBA", (20, 20), (255, 0, 0, 128))
    half.save(tmp_path / "a.png", icc_profile=swapped_profile())
    copy = copies_of(taken(tmp_path, "a.png", tmp_path / "media"), tmp_path / "media")[1]
    red, _, blue, alpha = copy.getpixel((10, 10))
    assert blue > 200 > 60 > red
    assert alpha == pytest.approx(128, abs=3)


@pytest.mark.parametrize(
    ("mode", "profile"),
    [("RGB", b""), ("RGB", b"x" * 200), ("L", None), ("CMYK", None), ("RGB", b"acsp" * 60)],
)
def test_a_profile_that_is_broken_or_of_other_colours_is_passed_over(tmp_path, mode, profile):
    profile = swapped_profile() if profile is None else profile
    Image.new("RGB", (20, 20), "red").convert(mode).save(tmp_path / "a.jpg", icc_profile=profile)
    copy = copies_of(taken(tmp_path, "a.jpg", tmp_path / "media"), tmp_path / "media")[1]
    red, green, blue = copy.convert("RGB").getpixel((10, 10))
    assert (red > 200 > 60 > blue) if mode != "L" else (red == green == blue)


def test_to_look_alone_writes_nothing(tmp_path):
    picture(tmp_path, "a.png")
    taken(tmp_path, "a.png")
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    picture(tmp_path, "a.png")
    (tmp_path / "media").write_text("a file")
    with pytest.raises(PictureError, match="cannot be copied"):
        taken(tmp_path, "a.png", tmp_path / "media")


# --- in a process of its own ----------------------------------------------------------------------------


def no_more(*_: object, **__: object) -> None:
    raise AssertionError("this must not happen here")


def test_what_is_copied_already_is_not_decoded_again_after_a_restart(tmp_path, monkeypatch):
    picture(tmp_path, "a.png", (4_000, 3_000))
    media = taken(tmp_path, "a.png", tmp_path / "media")
    monkeypatch.setattr(subprocess, "Popen", no_more)
    monkeypatch.setattr(pixels, "_decoded", no_more)
    assert taken(tmp_path, "a.png", tmp_path / "media") == media


def test_the_same_bytes_under_a_wrong_ending_are_refused_though_there_are_copies(tmp_path):
    picture(tmp_path, "a.jpg")
    taken(tmp_path, "a.jpg", tmp_path / "media")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.jpg").read_bytes())
    with pytest.raises(PictureError, match="is a JPEG by its content"):
        taken(tmp_path, "a.png", tmp_path / "media")


def test_a_bank_without_pictures_starts_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", no_more)
    write(tmp_path, GOOD)
    assert Banks([tmp_path], Pictures(tmp_path / "media")).get("quiz") is not None


WHILE_COPYING = """
import sys
from pathlib import Path
from server import runtime
runtime.patch()
from server.banks.media import Pictures
from server.game.questions import Media

happened = []
runtime.spawn(happened.append, "another task")
folder = Path(sys.argv[1])
media = Pictures(folder / "media").taken(Media(file="a.png", alt="A"), folder)
print(*happened, media.width)
"""


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_the_server_goes_on_while_a_picture_is_copied(tmp_path, mode):
    picture(tmp_path, "a.png")
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "PLENARY_ASYNC_MODE": mode}
    script = [sys.executable, "-P", "-c", WHILE_COPYING, str(tmp_path)]
    child = subprocess.run(script, env=environment, capture_output=True, text=True)
    assert (child.stdout, child.stderr) == ("another task 60\n", "")


def test_a_process_that_fails_hangs_or_is_not_there_refuses_the_picture(tmp_path, monkeypatch):
    picture(tmp_path, "a.png", (3_000, 3_000))
    for owner, name, value, message in (
        (pixels, "__name__", "server.banks.nowhere", "ended with 1.; open it and save it anew"),
        (media_module, "LIMIT_S", 0, "takes longer than 0 s to be copied; save it smaller"),
        (sys, "executable", str(tmp_path / "nowhere"), "no program can be started .*; close what"),
        (tempfile, "tempdir", str(tmp_path / "nowhere"), "no program can be started .*; close what"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, value)
            with pytest.raises(PictureError, match=message):
                taken(tmp_path, "a.png", tmp_path / "media")
    assert taken(tmp_path, "a.png", tmp_path / "media").width == 1_600


# --- refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file",
    [
        "../a.png", "maps/../../a.png", "/etc/a.png", "//host/a.png", "C:/a.png", "C:a.png", "maps\\a.png",
        "..\\a.png", "https://example.org/a.png", "file:///etc/a.png", "", ".", "..", "a\0.png",
        ".hidden.png",
    ],
)  # fmt: skip
def test_only_what_lies_beside_the_bank_is_taken(tmp_path, file):
    picture(tmp_path, "a.png")
    (tmp_path / "bank").mkdir()
    assert "is not beside the bank" in refusal(tmp_path / "bank", file)


def test_a_link_to_elsewhere_is_refused(tmp_path):
    picture(tmp_path, "a.png")
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "link.png").symlink_to(tmp_path / "a.png")
    (bank / "folder").symlink_to(tmp_path)
    (bank / "circle.png").symlink_to(bank / "circle.png")
    assert "a link to a file elsewhere" in refusal(bank, "link.png")
    assert "a link to a file elsewhere" in refusal(bank, "folder/a.png")
    assert refusal(bank, "circle.png")


def test_a_link_within_the_folder_is_well(tmp_path):
    picture(tmp_path, "a.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    assert taken(tmp_path, "link.png").width == 60


@pytest.mark.parametrize("file", ["a.svg", "a.pdf", "a.txt", "a", "a.bmp", "a.tiff", "a.html", "a.yaml"])
def test_other_endings_are_refused(tmp_path, file):
    assert "save it as .png, .jpg, .webp or .gif" in refusal(tmp_path, file)


FAKES = {
    "a text": b"hello",
    "nothing": b"",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "the beginning alone": b"\x89PNG\r\n\x1a\n",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a program": b"\x7fELF" + bytes(100),
}


@pytest.mark.parametrize("name", FAKES)
@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "gif"])
def test_what_is_no_picture_is_refused_whatever_its_ending(tmp_path, name, ending):
    (tmp_path / f"a.{ending}").write_bytes(FAKES[name])
    assert "is no picture, or a damaged one" in refusal(tmp_path, f"a.{ending}")


def test_a_picture_under_a_wrong_ending_is_named_for_what_it_is(tmp_path):
    picture(tmp_path, "a.png", kind="JPEG")
    assert "is a JPEG by its content" in refusal(tmp_path, "a.png")


def test_a_picture_that_is_cut_off_is_refused(tmp_path):
    for name in ("a.png", "a.jpg", "a.webp"):
        raw = picture(tmp_path, name, (300, 300)).read_bytes()
        (tmp_path / name).write_bytes(raw[: len(raw) * 2 // 3])
        assert "damaged" in refusal(tmp_path, name)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that claims to be this large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(6_400, 6_401), (10_000, 10_000), (60_000, 60_000), (1, 2**31 - 1)])
def test_a_picture_that_unpacks_to_millions_of_pixels_is_refused_unread(tmp_path, size):
    (tmp_path / "a.png").write_bytes(bomb(*size))
    assert "more than 40 million pixels" in refusal(tmp_path, "a.png")


def test_a_file_of_more_than_8_mb_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(picture(tmp_path, "b.png").read_bytes() + bytes(MAX_BYTES))
    assert "larger than 8 MB" in refusal(tmp_path, "a.png")


def test_what_cannot_be_opened_is_said(tmp_path):
    assert "is not there" in refusal(tmp_path, "a.png")
    assert "is not there" in refusal(write(tmp_path, GOOD).parent, "quiz.yaml/a.png")
    (tmp_path / "b.png").mkdir()
    assert "not a file" in refusal(tmp_path, "b.png")
    assert "cannot be opened" in refusal(tmp_path, "x" * 400 + ".png")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        assert "not a file" in refusal(tmp_path, "pipe.png")


def test_no_bytes_at_all_raise_anything_but_a_picture_error(tmp_path):
    raw = picture(tmp_path, "a.png", (30, 30)).read_bytes()
    for n in range(0, len(raw), 3):
        (tmp_path / "b.png").write_bytes(raw[:n] + bytes([raw[n] ^ 0xFF]) + raw[n + 1 :])
        try:
            taken(tmp_path, "b.png")
        except PictureError:
            continue


# --- in a bank ------------------------------------------------------------------------------------------


def problems_of(folder: Path, text: str) -> list[tuple[int | None, str]]:
    try:
        load_bank(write(folder, text))
    except BankError as error:
        return [(problem.line, problem.message) for problem in error.problems]
    return []


def test_a_bank_holds_its_pictures_resolved(tmp_path):
    picture(tmp_path, "map.png")
    bank = load_bank(write(tmp_path, with_media("map.png", "credit: Somebody")), Pictures(tmp_path / "media"))
    media = bank.questions[0].media
    assert (media.alt, media.credit, media.width, media.height) == ("A map", "Somebody", 60, 40)
    assert (tmp_path / "media" / f"{media.digest}-800.webp").exists()
    assert list(bank.pictures) == [tmp_path / "map.png"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (with_media("map.png"), 9, "file of media is not there"),
        (with_media("../map.png"), 9, "file of media is not beside the bank"),
        (with_media("a.png").replace("alt: A map", ""), 8, "alt of media is missing"),
        (with_media("a.png").replace("alt: A map", "alt: ' '"), 10, "alt of media is empty"),
        (with_media("a.png", "credit: ''"), 11, "credit of media is empty"),
        (with_media("a.png", "caption: A"), 11, "is file, alt, credit"),
        (with_media("a.png", "digest: " + "a" * 32), 11, "digest of media is not known here; delete it"),
        (with_media("1945"), 9, "file of media is a number where a text is wanted"),
        (
            spoiled("stem: Which one?", "stem: Which one?\n    media: a.png"),
            8,
            "begin it with a name and a colon, `file",
        ),
        (
            spoiled("text: Second\n", "text: Second\n        media: {file: no.png, alt: A}\n"),
            12,
            "file of media of option 2 is not there",
        ),
    ],
)  # fmt: skip
def test_a_mistake_about_a_picture_is_named_with_its_line(tmp_path, text, line, message):
    picture(tmp_path, "a.png")
    found = problems_of(tmp_path, text)
    assert [(at, said) for at, said in found if message in said and at == line], found


def test_a_bank_has_at_most_so_many_pictures(tmp_path):
    text = HEAD + "questions:\n"
    for n in range(MAX_PICTURES + 1):
        picture(tmp_path, f"{n}.gif", (2, 2))
        text += f"  - {{id: q{n}, type: slide, stem: S, body: B, media: {{file: {n}.gif, alt: A}}}}\n"
    assert [message for _, message in problems_of(tmp_path, text)] == [
        "file of media is one picture too many; a bank has at most 200, so split the file"
    ]


def test_a_bank_is_read_again_when_its_picture_comes_or_changes(tmp_path):
    write(tmp_path, with_media("map.png"))
    banks = Banks([tmp_path], Pictures(tmp_path / "media"))
    assert banks.get("quiz") is None
    assert "file of media is not there" in banks.problems[0]

    picture(tmp_path, "map.png")
    first = banks.get("quiz").questions[0].media
    assert banks.problems == []
    assert banks.get("quiz").questions[0].media is first

    picture(tmp_path, "map.png", (80, 80))
    os.utime(tmp_path / "map.png", ns=(1, 1))
    assert banks.get("quiz").questions[0].media.digest != first.digest


@pytest.mark.parametrize("what", ["the picture", "the bank"])
def test_what_changes_while_it_is_read_is_read_again(tmp_path, monkeypatch, what):
    """Copying takes a while, and the teacher may save once more meanwhile."""
    path = write(tmp_path, with_media("map.png"))
    picture(tmp_path, "map.png")

    def copied(*arguments: Path) -> pixels.Seen:
        monkeypatch.undo()
        seen = media_module._copied(*arguments)
        if what == "the picture":
            picture(tmp_path, "map.png", (80, 80))
        else:
            path.write_text(with_media("map.png").replace("title: Small", "title: Larger"))
        return seen

    monkeypatch.setattr(media_module, "_copied", copied)
    bank = Banks([tmp_path], Pictures(tmp_path / "media")).get("quiz")
    expected = ("Small", 80) if what == "the picture" else ("Larger", 60)
    assert (bank.title, bank.questions[0].media.width) == expected


def test_two_who_ask_at_once_have_a_picture_copied_once(tmp_path, monkeypatch):
    copied: list[Path] = []
    banks = Banks([tmp_path], Pictures(tmp_path / "media"))
    write(tmp_path, with_media("map.png"))
    picture(tmp_path, "map.png", (2_000, 2_000))
    monkeypatch.setattr(library, "PATIENCE_S", 60)
    copy = media_module._copied
    monkeypatch.setattr(media_module, "_copied", lambda *paths: copied.append(paths[0]) or copy(*paths))
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(banks.get, ["quiz", "quiz"])
    assert first is second is not None
    assert copied == [tmp_path / "map.png"]


def test_who_asks_while_pictures_are_copied_gets_the_banks_as_they_were(tmp_path, monkeypatch):
    """A game is not kept waiting by somebody else's new pictures, and sees no half of the library."""
    write(tmp_path, GOOD, "a.yaml")
    banks = Banks([tmp_path], Pictures(tmp_path / "media"))
    write(tmp_path, with_media("map.png"), "b.yaml")
    picture(tmp_path, "map.png")
    seen_meanwhile: list[list[str]] = []
    copy = media_module._copied

    def copied(*paths: Path) -> pixels.Seen:
        with ThreadPoolExecutor() as pool:
            summaries = pool.submit(banks.summaries, "en").result()
        seen_meanwhile.append([summary["id"] for summary in summaries])
        return copy(*paths)

    monkeypatch.setattr(library, "PATIENCE_S", 0)
    monkeypatch.setattr(media_module, "_copied", copied)
    assert [summary["id"] for summary in banks.summaries("en")] == ["a", "b"]
    assert seen_meanwhile == [["a"]]
