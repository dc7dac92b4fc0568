"""What the documents say is so: names on the wire, settings, routes, the tree, the links."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from server.game.settings import Settings
from server.live import protocol
from server.web.site import Site
from tests.processes import PROJECT
from tests.refusals import refusals

PROTOCOL = (PROJECT / "docs" / "protocol.md").read_text("utf-8")
ARCHITECTURE = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
DOCUMENTS = [
    path for path in [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")] if ".venv" not in path.parts
]


def section(title: str) -> str:
    """Return the part of docs/protocol.md below this heading."""
    return re.split(r"\n##+ ", PROTOCOL.partition(f"\n## {title}\n")[2])[0]


def first_cells(text: str) -> set[str]:
    """Return what stands between backticks in the first cell of each row of a table."""
    return {name for row in re.findall(r"^\| (`[^|]*`)[^|]*\|", text, re.M) for name in ticked(row)}


def ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_protocol_names_every_event_and_no_other():
    assert first_cells(section("Client → server")) == {event.value for event in protocol.Incoming}
    assert first_cells(section("Server → client")) == {event.value for event in protocol.Outgoing}


def test_the_protocol_names_every_field_of_a_client_s_message():
    """With a question mark where it may be left out."""
    rows = re.findall(r"^\| `([\w:]+)` \|[^|]*\| `\{(.*?)\}`", section("Client → server"), re.M)
    documented = {event: set(re.findall(r"\w+\??", body)) for event, body in rows}
    messages: dict[protocol.Incoming, Any] = {
        protocol.Incoming.CLOCK: protocol.Clock,
        protocol.Incoming.JOIN: protocol.Join,
        protocol.Incoming.REJOIN: protocol.Rejoin,
        protocol.Incoming.ANSWER: protocol.Answer,
        protocol.Incoming.SET: protocol.Set,
        protocol.Incoming.LEAVE: protocol.Leave,
        protocol.Incoming.REVIEW: protocol.Review,
        protocol.Incoming.ATTACH: protocol.Attach,
        protocol.Incoming.NETWORK: protocol.Network,
        protocol.Incoming.NOTES: protocol.Notes,
        protocol.Incoming.NETWORK_TEST: protocol.TestNetwork,
    }
    for event, message in messages.items():
        declared = {field.name + ("" if _is_required(field) else "?") for field in fields(message)}
        assert documented[event.value] == declared, event


def _is_required(field: Any) -> bool:
    return field.default is field.default_factory  # both are MISSING


def test_the_protocol_names_every_command_and_no_other():
    paragraph = re.search(r"^`host:command`: (.*?)Reserved", PROTOCOL, re.M | re.S)
    assert paragraph
    named = {code.split(" ")[0] for code in ticked(paragraph[1])} - {"null"}
    kinds = get_args(protocol._COMMANDS)
    known = {name for kind in kinds for name in get_args(get_type_hints(kind)["do"])}

    assert named == known


def test_the_protocol_names_every_error_code_and_no_other():
    line = re.search(r"^Error codes: (.*?)\. ", PROTOCOL, re.M | re.S)
    assert line
    assert set(ticked(line[1])) == {kind.code for kind in refusals()}


def test_the_protocol_names_every_reason_with_its_code_and_no_other():
    row = re.search(r"^\| an error \| (.*) \|$", PROTOCOL, re.M)
    assert row
    listed = re.sub(r"\([^)]*\)", "", row[1])
    named = {
        (code, reason)
        for code, reasons in re.findall(r"with `(\w+)`: ((?:`\w+`[^`;.]*)+)", listed)
        for reason in ticked(reasons)
    }

    assert named == {(kind.code, kind.reason) for kind in refusals() if kind.reason}


def test_the_protocol_names_every_setting_and_no_other():
    paragraph = re.search(r"^`settings` \(all optional\): (.*?)\n\n", PROTOCOL, re.M | re.S)
    assert paragraph
    words = {word for code in re.findall(r"\([^)]*\)", paragraph[1]) for word in ticked(code)}

    assert set(ticked(paragraph[1])) - words == {field.name for field in fields(Settings)}


def test_the_protocol_names_every_route_and_no_other():
    nothing: Any = object()
    site = Site(**{field.name: nothing for field in fields(Site)})
    served = {
        f"{method} {rule.rule}"
        for rule in site.app().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    named = {
        re.sub(r"\?.*", "", route)
        for route in ticked(PROTOCOL)
        if re.match(r"(GET|POST|DELETE) /[^.…]", route)
    } | {"GET /"}

    assert {route.removesuffix("/qr.svg") for route in named} == {
        route.removesuffix("/qr.svg") for route in served
    }
    assert "GET /api/rooms/<code>/qr.svg" in served & set(ticked(PROTOCOL))


def tree() -> list[tuple[list[Path], set[str]]]:
    """Return, for each line of the tree, the folders that its names may be in, and the names."""
    lines = []
    folders: dict[int, list[Path]] = {-2: [PROJECT]}
    block = ARCHITECTURE.split("```")[1]
    for line in block.strip("\n").splitlines():
        depth = len(line) - len(line.lstrip())
        above = folders[max(at for at in folders if at < depth)]
        entry = re.split(r" {2,}", line.strip())[0]
        names = set(re.findall(r"(?<![\w./<])(?:[\w-]+\.(?:py|js|css|html|md)|[\w-]+/)(?![\w<])", line))
        opened = [at / name for at in above for name in entry.split(" ") if name.endswith("/")]
        if opened:
            folders = {at: paths for at, paths in folders.items() if at < depth} | {depth: opened}
        lines.append(([*above, *opened, PROJECT], names))
    return lines


def test_the_tree_of_the_architecture_names_only_what_exists():
    missing = [
        name for folders, names in tree() for name in names if not any((at / name).exists() for at in folders)
    ]

    assert missing == []


def test_every_module_of_the_server_stands_in_the_tree():
    named = {(at / name).resolve() for folders, names in tree() for name in names for at in folders}
    modules = [path for path in (PROJECT / "server").rglob("*.py") if path.name != "__init__.py"]

    assert [str(path.relative_to(PROJECT)) for path in modules if path not in named] == []


def test_every_decision_is_in_the_index():
    index = (PROJECT / "docs" / "decisions" / "README.md").read_text("utf-8")
    pages = sorted((PROJECT / "docs" / "decisions").glob("0*.md"))

    assert re.findall(r"\]\((0[\w-]+\.md)\)", index) == [page.name for page in pages]


@pytest.mark.parametrize(
    ("page", "head", "others"), [("docs/reliability.md", "| what fails", 4), ("SECURITY.md", "| promise", 2)]
)
def test_every_row_of_a_page_of_promises_names_tests_that_exist(page, head, others):
    """In its last cell, by file and name."""
    rows = [
        line
        for line in (PROJECT / page).read_text("utf-8").splitlines()
        if line.startswith("|") and not line.startswith((head, "| ---"))
    ]
    assert rows
    for row in rows:
        *cells, named = row.strip("| ").split(" | ")
        assert len(cells) == others, row
        assert ticked(named), row
        for test in ticked(named):
            file, _, function = test.partition("::")
            assert (PROJECT / file).is_file(), test
            assert f"\ndef {function}(" in (PROJECT / file).read_text("utf-8"), test


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_link_of_a_document_leads_somewhere(document):
    """Files and headings of this project; nothing is fetched."""
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"\w+:", target):
            continue
        name, _, heading = target.partition("#")
        file = document.parent / name if name else document
        assert file.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.M)
            anchors = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings]
            assert heading in anchors, target
