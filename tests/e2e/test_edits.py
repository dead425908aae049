"""What an arm changes in its requests, through each SDK, and that nothing else is changed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from google.genai import types

from tests.control.cli.shell import Shell
from tests.doubles.received import Received
from tests.doubles.sdks import anthropic_sdk, gemini_sdk, openai_sdk
from tests.e2e import canary
from tests.e2e.sdks import USER
from tests.e2e.stage import Stage, file

NEW = "Answer in one word."


async def applied(shared: Stage, folder: Path, name: str, dialect: str, edits: object) -> None:
    """Register a migration by the command line, with its prompt in a file, at weight 100."""
    (folder / "prompts").mkdir()
    (folder / "prompts" / "new.txt").write_text(f"{NEW}\n")
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(file(name, name, dialect, candidate_edits=edits)))
    shell = Shell(url=f"http://{shared.crossfade.control}", token=canary.TOKEN)
    assert (await shell("apply", path)).code == 0
    assert (await shell("set", "weight", name, "100")).code == 0


async def last(shared: Stage) -> tuple[Received, dict[str, object]]:
    received = shared.apis.new.requests[-1]
    await asyncio.to_thread(shared.apis.run, received.done.wait())
    return received, json.loads(received.body.bytes)


async def test_an_openai_chat_request(shared: Stage, tmp_path: Path) -> None:
    edits = {
        "set": {"temperature": 0.20, "metadata.team": "support"},
        "drop": ["frequency_penalty"],
        "rename": {"max_tokens": "max_completion_tokens"},
        "system_prompt": {"replace_file": "prompts/new.txt"},
    }
    await applied(shared, tmp_path, "edited-chat", "openai", edits)
    async with openai_sdk(shared.crossfade.url, key=canary.CALLER) as sdk:
        await sdk.chat.completions.create(
            model="edited-chat",
            messages=[{"role": "system", "content": canary.PROMPT}, USER],
            temperature=1,
            frequency_penalty=0.5,
            max_tokens=9,
            metadata={"user_id": "u"},
            seed=7,
        )
    received, body = await last(shared)
    assert body == {
        "model": "new-openai-1",
        "messages": [{"role": "system", "content": NEW}, USER],
        "temperature": 0.2,
        "max_completion_tokens": 9,
        "metadata": {"user_id": "u", "team": "support"},
        "seed": 7,
    }
    assert canary.PROMPT.encode() in received.body.bytes  # the user's own stays


async def test_an_openai_response(shared: Stage, tmp_path: Path) -> None:
    edits = {"system_prompt": {"prepend_file": "prompts/new.txt"}, "set": {"store": False}}
    await applied(shared, tmp_path, "edited-response", "openai", edits)
    async with openai_sdk(shared.crossfade.url, key=canary.CALLER) as sdk:
        await sdk.responses.create(
            model="edited-response", instructions="Be kind.", input=canary.PROMPT
        )
    _, body = await last(shared)
    assert str(body["instructions"]).startswith(NEW)
    assert str(body["instructions"]).endswith("Be kind.")
    assert body["store"] is False


@pytest.mark.parametrize("system", ["Be kind.", [{"type": "text", "text": "Be kind."}]])
async def test_an_anthropic_message(shared: Stage, tmp_path: Path, system: object) -> None:
    name = f"edited-message-{type(system).__name__}"
    edits = {"system_prompt": {"append_file": "prompts/new.txt"}, "drop": ["temperature"]}
    await applied(shared, tmp_path, name, "anthropic", edits)
    async with anthropic_sdk(shared.crossfade.url, key=canary.CALLER) as sdk:
        await sdk.messages.create(
            model=name, max_tokens=9, messages=[USER], system=system, extra_body={"temperature": 1}
        )
    _, body = await last(shared)
    text = json.dumps(body["system"])
    assert text.index("Be kind.") < text.index(NEW)
    assert isinstance(body["system"], type(system))
    assert "temperature" not in body


async def test_gemini_content(shared: Stage, tmp_path: Path) -> None:
    edits = {
        "set": {"generationConfig.temperature": 0.5},
        "system_prompt": {"replace_file": "prompts/new.txt"},
    }
    await applied(shared, tmp_path, "edited-content", "gemini", edits)
    async with gemini_sdk(shared.crossfade.url, key=canary.CALLER) as sdk:
        config = types.GenerateContentConfig(
            system_instruction=canary.PROMPT, temperature=1, max_output_tokens=9
        )
        await sdk.models.generate_content(
            model="edited-content", contents=canary.PROMPT, config=config
        )
    received, body = await last(shared)
    assert received.target.endswith(b"/models/new-gemini-1:generateContent")
    assert body["generationConfig"] == {"temperature": 0.5, "maxOutputTokens": 9}
    assert canary.PROMPT not in json.dumps(body["systemInstruction"])
    assert NEW in json.dumps(body["systemInstruction"])


async def test_the_baseline_is_left_alone(shared: Stage, tmp_path: Path) -> None:
    edits = {"set": {"temperature": 0.2}, "system_prompt": {"replace": NEW}}
    await applied(shared, tmp_path, "edited-candidate-alone", "openai", edits)
    shared.crossfade.admin.post("edited-candidate-alone", "rollback")
    async with openai_sdk(shared.crossfade.url, key=canary.CALLER) as sdk:
        raw = await sdk.chat.completions.with_raw_response.create(
            model="edited-candidate-alone", messages=[USER], temperature=1
        )
    assert raw.headers["x-crossfade-arm"] == "baseline"
    body = json.loads(shared.apis.old.requests[-1].body.bytes)
    assert (body["temperature"], body["messages"]) == (1, [USER])
