"""What goes wrong beside or inside comes out as it is, and everything ends with it."""

from __future__ import annotations

import asyncio

import pytest

from control.hosting.beside import beside, only


async def test_what_runs_beside_ends_with_what_is_inside() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside(work()):
        await asyncio.sleep(0)
    assert ended.is_set()


async def test_an_error_inside_comes_out_as_it_is() -> None:
    with pytest.raises(OSError, match="taken"):
        async with beside(asyncio.sleep(10)):
            raise OSError("taken")


async def test_an_error_beside_comes_out_as_it_is() -> None:
    async def failing() -> None:
        raise ValueError("beside")

    with pytest.raises(ValueError, match="beside"):
        async with beside(failing()):
            await asyncio.Event().wait()


def test_one_error_in_many_groups_is_that_error() -> None:
    error = OSError()
    assert only(ExceptionGroup("", [ExceptionGroup("", [error])])) is error
    many = ExceptionGroup("", [OSError(), OSError()])
    assert only(many) is many
