"""Which links of a page are looked at."""

from __future__ import annotations

from pathlib import Path

from scripts.check_links import links, unknown

PAGE = """\
[a](a.md) and [b](docs/b.md#part), [here](#part), [far](https://example.com/a.md), [m](mailto:a@b)

```console
[c](c.md)
```
"""


def test_relative_links_outside_of_examples_are_looked_at() -> None:
    assert list(links(PAGE)) == ["a.md", "docs/b.md"]


def test_the_index_knows_every_page_below_it() -> None:
    pages = [Path("README.md"), Path("docs/README.md"), Path("docs/a.md"), Path("docs/adr/b.md")]
    assert unknown(pages, {"a.md", "adr/b.md"}) == []
    assert unknown(pages, {"a.md"}) == [Path("docs/adr/b.md")]
