"""What is done with a picture's bytes: decoded, made small, kept as copies for phones and projector.

Run as a program it does so for one picture (`main`): a large one takes a second, and the server goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from server.game.questions import Media

MAX_BYTES = 8 * 1_048_576
MAX_PIXELS = 40_000_000
QUALITY = 85
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}

_RECIPE = b"plenary picture 2\0"
"""Part of what a copy is named by; another recipe gets another number, and its copies other names."""


class PictureError(Exception):
    """A picture cannot be used; the message says why and what to do, without its subject."""


@dataclass(frozen=True)
class Seen:
    """What is known of a picture that was looked at; width and height are those of the projector's copy."""

    digest: str
    width: int
    height: int


def main(arguments: Sequence[str]) -> None:
    """Look at a picture, keep its copies in a folder, and print what was seen or why it is refused."""
    if hasattr(os, "nice"):
        os.nice(10)  # the class that plays comes first
    path, folder = map(Path, arguments)
    try:
        answer = asdict(look(path, folder))
    except PictureError as error:
        answer = {"refusal": str(error)}
    sys.stdout.write(json.dumps(answer))


def look(path: Path, folder: Path | None) -> Seen:
    """Return what a picture is, its copies made where there is a folder for them.

    Raises:
        PictureError: the file cannot be read, is too large or no picture, or its copies cannot be written.
    """
    raw = _bytes_of(path)
    picture = _decoded(raw, _kind_by_name(path))
    if folder is not None:
        _keep(picture, _digest_of(raw, path), folder)
    return Seen(_digest_of(raw, path), *Media.fitted(*picture.size, Media.PROJECTOR_PX))


def digest_of(path: Path) -> str:
    """Return what a picture's copies are named by. Raises: PictureError."""
    return _digest_of(_bytes_of(path), path)


def kept(digest: str, folder: Path) -> Seen | None:
    """Return what is known of a picture by its copies, None where one is missing or spoiled."""
    try:
        for longest in (Media.PHONE_PX, Media.PROJECTOR_PX):
            with Image.open(folder / Media.name_of(digest, longest), formats=["WEBP"]) as copy:
                width, height = copy.size
    except OSError:
        return None
    return Seen(digest, width, height)


def unopened(error: OSError) -> PictureError:
    """Return the refusal of a file that the system does not open."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PictureError("is not there; check its name, capitals and folder")
    return PictureError(f"cannot be opened ({error.strerror}); check its name and who may read it")


def _kind_by_name(path: Path) -> str:
    return FORMATS[path.suffix.lower()]


def _digest_of(raw: bytes, path: Path) -> str:
    # The kind is part of it: the same bytes under another ending are refused, whatever copies there are.
    return hashlib.sha256(_RECIPE + _kind_by_name(path).encode() + raw).hexdigest()[:32]


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise PictureError("is not a file; name the picture itself")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise unopened(error) from error
    if len(raw) > MAX_BYTES:
        raise PictureError("is larger than 8 MB; save it smaller")
    return raw


def _keep(picture: Image.Image, digest: str, folder: Path) -> None:
    # The phones' copy is made of the projector's, so both screens agree on width and height.
    projector = _in_srgb(_resized(picture, Media.PROJECTOR_PX))
    copies = {Media.PROJECTOR_PX: projector, Media.PHONE_PX: _resized(projector, Media.PHONE_PX)}
    for longest, copy in copies.items():
        path = folder / Media.name_of(digest, longest)
        unfinished = path.with_suffix(".unfinished")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            copy.save(unfinished, "WEBP", quality=QUALITY, exif=b"", icc_profile=b"", xmp=b"")
            os.replace(unfinished, path)
        except OSError as error:
            raise PictureError(
                f"cannot be copied to {folder} ({error.strerror}); see that there is room on the disk"
            ) from error


def _decoded(raw: bytes, kind: str) -> Image.Image:
    """Return the first frame of a picture, upright, its colours as its profile means them.

    Raises:
        PictureError: it is of another kind than its name says, too large, or damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a size that is refused below anyway
            picture = Image.open(BytesIO(raw), formats=sorted(set(FORMATS.values())))
            if _kind_of(picture) == kind and picture.width * picture.height <= MAX_PIXELS:
                if kind == "JPEG":  # read at once at a size near the one that is needed
                    picture.draft(None, (Media.PROJECTOR_PX, Media.PROJECTOR_PX))
                picture.load()
                return _in_8_bits(ImageOps.exif_transpose(picture))
            found = _kind_of(picture)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:  # whatever a decoder raises, the file is to blame
        raise PictureError("is no picture, or a damaged one; open it and save it anew") from error
    if found != kind:
        raise PictureError(f"is a {found} by its content; give its name the ending of one")
    raise _too_many_pixels()


def _kind_of(picture: Image.Image) -> str:
    # Some phones put several JPEG pictures into one file.
    return "JPEG" if picture.format == "MPO" else str(picture.format)


def _too_many_pixels() -> PictureError:
    return PictureError(f"has more than {MAX_PIXELS // 1_000_000} million pixels; save it smaller")


def _in_8_bits(picture: Image.Image) -> Image.Image:
    """Return a picture in a mode that can be resized and that a profile can speak of."""
    if picture.mode.startswith("I"):  # 16-bit grey, which a conversion alone would cut off at 255
        picture.info.pop("transparency", None)
        return picture.point(lambda grey: grey / 257 + 0.5).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in ("L", "CMYK") else picture.convert("RGB")


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return a picture in the colours that every screen knows; a profile that is broken says nothing."""
    from PIL import ImageCms  # here, since the server itself never needs it

    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile := picture.info.get("icc_profile"):
        try:
            own, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            if converted := ImageCms.profileToProfile(picture, own, srgb, outputMode=mode):
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass
    return picture.convert(mode)


def _resized(picture: Image.Image, longest: int) -> Image.Image:
    size = Media.fitted(*picture.size, longest)
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main(sys.argv[1:])
