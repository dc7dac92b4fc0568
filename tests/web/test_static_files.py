"""The address and the copies of the static files; how they are served stands in test_http.py."""

from __future__ import annotations

import json

from server.web.static_files import StaticFiles


def test_the_hash_is_of_names_and_content(tmp_path):
    """Not of dates, and not of what is not served."""
    folder, data = tmp_path / "files", tmp_path / "data"
    (folder / "shared").mkdir(parents=True)
    script = folder / "shared" / "a.js"
    script.write_text("one")
    first = StaticFiles(folder, data).hash

    (folder / "refresh.py").write_text("not served")
    script.touch()
    assert StaticFiles(folder, data).hash == first
    script.write_text("two")
    second = StaticFiles(folder, data).hash
    script.rename(folder / "shared" / "b.js")
    third = StaticFiles(folder, data).hash
    assert len({first, second, third}) == 3


def test_copies_of_earlier_versions_are_not_kept(tmp_path):
    """A year of updates does not fill the teacher's disk."""
    folder, data = tmp_path / "files", tmp_path / "data"
    folder.mkdir()
    for content in ("one", "two", "three"):
        (folder / "a.js").write_text(content)
        static = StaticFiles(folder, data)

    assert [path.name for path in (data / "static").iterdir()] == [static.hash]


def test_a_page_fetches_its_own_texts_and_the_shared_ones(tmp_path):
    """In one request; a new text has a new address."""
    folder, data = tmp_path / "files", tmp_path / "data"
    (folder / "locales").mkdir(parents=True)
    sections = {"shared": {"title": "Plenary"}, "player": {"join": "Join"}, "host": {"go": "Start"}}
    (folder / "locales" / "en.json").write_text(json.dumps(sections))
    static = StaticFiles(folder, data)
    served = data / "static" / static.hash / "locales" / "en"

    assert {path.name for path in served.iterdir() if path.suffix == ".json"} == {"player.json", "host.json"}
    assert json.loads((served / "player.json").read_bytes()) == {
        "shared": {"title": "Plenary"},
        "player": {"join": "Join"},
    }


def test_where_no_copy_can_be_made_the_folder_itself_is_served(tmp_path):
    """Uncompressed, and all texts for every page, is better than not at all."""
    folder, data = tmp_path / "files", tmp_path / "data"
    folder.mkdir()
    (folder / "a.js").write_text("one")
    data.write_text("a file where the folder should be")

    static = StaticFiles(folder, data)
    environ = {"PATH_INFO": f"{static.prefix}/a.js", "REQUEST_METHOD": "GET"}
    body = static.wrap(lambda *_: [b"not found"])(environ, lambda *_: None)
    assert b"".join(body) == b"one"
