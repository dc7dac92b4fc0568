"""The pictures of banks: found beside the bank, looked at, and copied small enough for the screens.

A copy holds the picture alone: no place, no camera, no name. It is named by the picture's content, so a bank
that is read again finds its copies, and the name says nothing.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath

from PIL import Image, ImageOps

from server.game.questions import Media

MAX_BYTES = 8 * 1_048_576
MAX_PIXELS = 40_000_000
QUALITY = 85
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}

_RECIPE = b"plenary picture 1\0"
"""Part of what a copy is named by; another recipe gets another number, and its copies other names."""


class PictureError(Exception):
    """A picture cannot be used; the message says why and what to do, without its subject."""


@dataclass(frozen=True)
class _Seen:
    digest: str
    width: int
    height: int


class Pictures:
    """Looks at pictures and keeps their copies in a folder; None only looks."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._seen: dict[tuple[Path, int, int], _Seen] = {}

    def taken(self, media: Media, beside: Path) -> Media:
        """Return the media with its picture looked at, and copied for phones and projector.

        Raises:
            PictureError: the file is not there, not beside the bank, too large or no picture.
        """
        path = place_of(media.file, beside)
        try:
            status = path.stat()
        except OSError as error:
            raise _unopened(error) from error
        stamp = (path, status.st_mtime_ns, status.st_size)
        seen = self._seen.get(stamp)
        if seen is None or not self._has_copies(seen.digest):
            seen = self._seen[stamp] = self._look(path)
        return replace(media, digest=seen.digest, width=seen.width, height=seen.height)

    def _has_copies(self, digest: str) -> bool:
        return self._folder is None or all(
            (self._folder / Media.name_of(digest, longest)).exists()
            for longest in (Media.PHONE_PX, Media.PROJECTOR_PX)
        )

    def _look(self, path: Path) -> _Seen:
        raw = _bytes_of(path)
        digest = hashlib.sha256(_RECIPE + raw).hexdigest()[:32]
        picture = _decoded(raw, FORMATS[path.suffix.lower()])
        width, height = Media.fitted(*picture.size, Media.PROJECTOR_PX)
        if self._folder is not None:
            self._keep(picture, digest, self._folder)
        return _Seen(digest, width, height)

    def _keep(self, picture: Image.Image, digest: str, folder: Path) -> None:
        # The phones' copy is made of the projector's, so both screens agree on width and height.
        projector = _resized(picture, Media.PROJECTOR_PX)
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


def place_of(file: str, beside: Path) -> Path:
    """Return where a picture is that a bank names.

    Raises:
        PictureError: it is not in the bank's folder or one below, or its ending is none of a picture.
    """
    path = PurePosixPath(file)
    is_elsewhere = path.is_absolute() or PureWindowsPath(file).anchor or ".." in path.parts or "://" in file
    if is_elsewhere or "\\" in file or "\0" in file or not path.name or path.name.startswith("."):
        raise PictureError(
            "is not beside the bank; put the picture into the bank's folder, or one in it, and write its "
            "name with /, such as pictures/map.png"
        )
    if path.suffix.lower() not in FORMATS:
        raise PictureError("is no picture that can be shown; save it as .png, .jpg, .webp or .gif")
    # realpath and not Path.resolve, which raises for links that go in a circle.
    if not Path(os.path.realpath(beside / path)).is_relative_to(os.path.realpath(beside)):
        raise PictureError("is a link to a file elsewhere; copy the picture itself here")
    return beside / path


def _unopened(error: OSError) -> PictureError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PictureError("is not there; check its name, capitals and folder")
    return PictureError(f"cannot be opened ({error.strerror}); check its name and who may read it")


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise PictureError("is not a file; name the picture itself")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unopened(error) from error
    if len(raw) > MAX_BYTES:
        raise PictureError("is larger than 8 MB; save it smaller")
    return raw


def _decoded(raw: bytes, kind: str) -> Image.Image:
    """Return the first frame of a picture, upright and without anything but its pixels.

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
                has_shine_through = picture.has_transparency_data
                upright = ImageOps.exif_transpose(picture)
                return upright.convert("RGBA" if has_shine_through else "RGB")
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


def _resized(picture: Image.Image, longest: int) -> Image.Image:
    size = Media.fitted(*picture.size, longest)
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)
