"""Which links of a page are looked at."""

from __future__ import annotations

from scripts.check_links import links

PAGE = """\
[a](a.md) and [b](docs/b.md#part), [here](#part), [far](https://example.com/a.md), [m](mailto:a@b)

```console
[c](c.md)
```
"""


def test_relative_links_outside_of_examples_are_looked_at() -> None:
    assert list(links(PAGE)) == ["a.md", "docs/b.md"]
