"""Verify the files of static/vendor/ against manifest.json, or fetch them anew from npm.

python3 static/vendor/refresh.py            every file has the hash that the manifest states (no network)
python3 static/vendor/refresh.py --fetch    get the stated versions with `npm pack`, write files and hashes
With --in tests/browser/axe both are done there, with what the tests alone need.

To move to another version, change `version` in manifest.json, then run it with --fetch.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
MANIFEST = "manifest.json"

Entry = dict[str, str]


def load_entries(folder: Path) -> list[Entry]:
    """The manifest's entries, one a file."""
    entries: list[Entry] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return entries


def sha256_of(content: bytes) -> str:
    """The hash as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def without_source_map(content: bytes) -> bytes:
    """The script without its sourceMappingURL line, which would point at a file that is not here."""
    lines = [line for line in content.splitlines() if not line.startswith(b"//# sourceMappingURL=")]
    return b"\n".join(lines) + b"\n"


def pack(name: str, folder: Path) -> Path:
    """The archive of a package, `name@version`, fetched into a folder.

    Raises SystemExit without npm, and CalledProcessError where npm fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm was not found. It is needed to refresh these files, not to run Plenary.")
    packed = subprocess.run(
        [npm, "pack", "--silent", name], cwd=folder, check=True, capture_output=True, text=True
    )
    return folder / packed.stdout.split()[-1]


def unpack(entry: Entry, archive: Path) -> bytes:
    """The content of an entry's source file, out of its package's archive.

    Raises SystemExit where the package has no such file.
    """
    with tarfile.open(archive) as package:
        try:
            member = package.extractfile(f"package/{entry['source']}")
        except KeyError:
            member = None
        if member is None:
            raise SystemExit(f"{archive.name} holds no file {entry['source']}.")
        content = member.read()
    return without_source_map(content) if entry["source"].endswith(".js") else content


def fetch(entries: list[Entry], folder: Path) -> None:
    """Write every file anew, and the manifest with its hashes."""
    with tempfile.TemporaryDirectory() as scratch:
        archives: dict[str, Path] = {}
        for entry in entries:
            name = f"{entry['package']}@{entry['version']}"
            if name not in archives:
                archives[name] = pack(name, Path(scratch))
            content = unpack(entry, archives[name])
            path = folder / entry["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            entry["sha256"] = sha256_of(content)
    (folder / MANIFEST).write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def changed(entries: list[Entry], folder: Path) -> list[str]:
    """The names of the files that are missing or differ from the manifest."""
    return [
        entry["file"]
        for entry in entries
        if not (folder / entry["file"]).is_file()
        or sha256_of((folder / entry["file"]).read_bytes()) != entry["sha256"]
    ]


def main() -> int:
    """Run the command; 1 where a file differs."""
    parser = argparse.ArgumentParser(description="Verify static/vendor/, or fetch it anew from npm.")
    parser.add_argument("--fetch", action="store_true", help="get the stated versions from npm first")
    parser.add_argument("--in", dest="folder", type=Path, default=FOLDER, help="do it in another folder")
    arguments = parser.parse_args()
    entries = load_entries(arguments.folder)
    if arguments.fetch:
        fetch(entries, arguments.folder)
    wrong = changed(entries, arguments.folder)
    for name in wrong:
        sys.stderr.write(f"{name} differs from manifest.json.\n")
    if not wrong:
        sys.stdout.write(f"{len(entries)} files agree with manifest.json.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
