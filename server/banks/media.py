"""The pictures of banks: found beside the bank, looked at, and copied small enough for the screens.

A copy holds the picture alone: no place, no camera, no name. It is named by the picture's content, so a bank
that is read again finds its copies, and the name says nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from server.game.questions import Media

from . import pixels
from .pixels import FORMATS, PictureError, Seen

LIMIT_S = 60
"""How long a picture may take to be copied."""

_PROJECT = Path(__file__).resolve().parents[2]


class Pictures:
    """Looks at pictures and keeps their copies in a folder; None only looks."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._seen: dict[tuple[Path, int, int], Seen] = {}

    def taken(self, media: Media, beside: Path) -> Media:
        """Return the media with its picture looked at, and copied for phones and projector.

        Raises:
            PictureError: the file is not there, not beside the bank, too large or no picture, or cannot be
                copied.
        """
        path = place_of(media.file, beside)
        try:
            status = path.stat()
        except OSError as error:
            raise pixels.unopened(error) from error
        stamp = (path, status.st_mtime_ns, status.st_size)
        seen = self._seen[stamp] = self._look(path, self._seen.get(stamp))
        return replace(media, digest=seen.digest, width=seen.width, height=seen.height)

    def _look(self, path: Path, before: Seen | None) -> Seen:
        if self._folder is None:
            return before or pixels.look(path, None)
        digest = before.digest if before else pixels.digest_of(path)
        return pixels.kept(digest, self._folder) or _copied(path, self._folder)


def _copied(path: Path, folder: Path) -> Seen:
    """Look at a picture and make its copies in another process, so that the server goes on meanwhile.

    Raises:
        PictureError: as `pixels.look`; or there was no such process, or it failed or took too long.
    """
    try:
        code, said = _run(pixels.__name__, str(path), str(folder))
    except OSError as error:
        raise PictureError(
            f"cannot be copied, since no program can be started ({error.strerror}); close what you do not "
            "need and save the bank again"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PictureError(f"takes longer than {LIMIT_S} s to be copied; save it smaller") from error
    if code:
        raise PictureError(
            f"cannot be copied (the program for it ended with {code}); open it and save it anew, smaller if "
            "it is large"
        )
    answer = json.loads(said)
    if "refusal" in answer:
        raise PictureError(answer["refusal"])
    return Seen(**answer)


def _run(module: str, *arguments: str) -> tuple[int, bytes]:
    """Run a module of this project as a program and return its exit code and what it wrote.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it takes longer than the limit, and has been ended.
    """
    # A file and no pipe: on Windows eventlet would stand still until a pipe had something to say.
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(_PROJECT)},
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        try:
            code = child.wait(LIMIT_S)
        finally:
            child.kill()  # no effect where it has ended
            child.wait()
        said.seek(0)
        return code, said.read()


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
