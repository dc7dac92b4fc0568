"""The page that shows all pictures of the gallery, with their names."""

from __future__ import annotations

from html import escape

from tests.browser.gallery.lesson import State

STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0 auto; padding: 1.5rem; max-inline-size: 110rem; }
nav ul { columns: 16rem; padding: 0; list-style: none; }
section { margin-block: 2rem; }
h2 { margin-block-end: 0.5rem; font-size: 1.25rem; }
.pictures { display: flex; flex-wrap: wrap; align-items: start; gap: 1rem; }
figure { margin: 0; }
figcaption { font-size: 0.8125rem; }
img { display: block; block-size: auto; inline-size: 20rem; border: 1px solid #8888; }
.of-phone img { inline-size: 12rem; }
"""


def index(states: list[State], pictures: dict[str, list[str]]) -> str:
    """Return the page: each state with its pictures, by their files' names."""
    links = "\n".join(f'<li><a href="#{state.name}">{escape(state.name)}</a></li>' for state in states)
    sections = "\n".join(section(state, pictures.get(state.name, [])) for state in states)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plenary: every page and every phase</title>
<style>{STYLE}</style>
<h1>Every page and every phase</h1>
<nav><ul>
{links}
</ul></nav>
{sections}
</html>
"""


def section(state: State, files: list[str]) -> str:
    kind = "of-phone" if state.is_on_a_phone else "of-projector"
    figures = "\n".join(
        f'<figure><a href="{escape(file)}"><img loading="lazy" src="{escape(file)}" alt=""></a>'
        f"<figcaption>{escape(file)}</figcaption></figure>"
        for file in files
    )
    return f"""<section id="{state.name}" class="{kind}">
<h2>{escape(state.title)} <small>{escape(state.name)}</small></h2>
<div class="pictures">
{figures}
</div>
</section>"""
