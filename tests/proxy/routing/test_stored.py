"""What names a provider's own, and what an application may say freely."""

from __future__ import annotations

import pytest

from proxy.dialects.call import Call, Operation
from proxy.policy import Dialect
from proxy.routing.stored import named_within

CHAT = Call(Dialect.OPENAI, Operation.CHAT)
RESPONSES = Call(Dialect.OPENAI, Operation.RESPONSES)
COUNT = Call(Dialect.OPENAI, Operation.COUNT_TOKENS)
MESSAGES = Call(Dialect.ANTHROPIC, Operation.MESSAGES)
GENERATE = Call(Dialect.GEMINI, Operation.GENERATE)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (CHAT, b'{"messages":[{"content":[{"type":"file","file":{"file_id":"file-1"}}]}]}'),
        (CHAT, b'{"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]}'),
        (RESPONSES, b'{"input":[{"content":[{"type":"input_file","file_id":"file-1"}]}]}'),
        (RESPONSES, b'{"input":[{"output":[{"type":"input_image","file_id":"file-1"}]}]}'),
        (RESPONSES, b'{"input":[{"type":"item_reference","id":"msg_1"}]}'),
        (RESPONSES, b'{"input":[{"type":"reasoning","id":"rs_1","summary":[]}]}'),
        (RESPONSES, b'{"tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]}'),
        (RESPONSES, b'{"tools":[{"type":"code_interpreter","container":"cntr_1"}]}'),
        (RESPONSES, b'{"tools":[{"container":{"type":"auto","file_ids":["file-1"]}}]}'),
        (RESPONSES, b'{"tools":[{"type":"container_reference","container_id":"cntr_1"}]}'),
        (COUNT, b'{"input":[{"content":[{"type":"input_file","file_id":"file-1"}]}]}'),
        (MESSAGES, b'{"messages":[{"content":[{"source":{"type":"file","file_id":"f"}}]}]}'),
        (
            MESSAGES,
            b'{"messages":[{"content":[{"type":"tool_result","content":[{"file_id":"f"}]}]}]}',
        ),
        (GENERATE, b'{"contents":[{"parts":[{"fileData":{"fileUri":"files/abc"}}]}]}'),
        (
            GENERATE,
            b'{"contents":[{"parts":[{"file_data":{"file_uri":"http://h/v1beta/files/a"}}]}]}',
        ),
        (GENERATE, b'{"tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/a"]}}]}'),
        (RESPONSES, b'{"input":[{"file_id":1e999}]}'),
    ],
)
def test_a_name_of_stored_state_is_found_wherever_it_stands(call: Call, body: bytes) -> None:
    assert named_within(call, body)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (CHAT, b'{"messages":[{"role":"user","content":"what is a \\"file_id\\"?"}]}'),
        (CHAT, b'{"messages":[{"content":[{"file":{"file_data":"data:...","file_id":null}}]}]}'),
        (CHAT, b'{"modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"}}'),
        (CHAT, b'{"tools":[{"function":{"parameters":{"file_id":"in a schema"}}}]}'),
        (CHAT, b'{"metadata":{"file_id":"the application\'s own"},"n":[1,2]}'),
        (CHAT, b'{"x":{"file_id":7,"container":""},"y":{"file_id":{"type":"string"}}}'),
        (RESPONSES, b'{"input":"hello"}'),
        (RESPONSES, b'{"tools":[{"type":"code_interpreter","container":{"type":"auto"}}]}'),
        (RESPONSES, b'{"tools":[{"vector_store_ids":[]},{"vector_store_ids":null}]}'),
        (
            RESPONSES,
            b'{"input":[{"type":"reasoning","id":"rs_1","encrypted_content":"x"},{"id":"rs_2"}]}',
        ),
        (
            MESSAGES,
            b'{"messages":[{"content":[{"type":"tool_use","input":{"file_id":"own"}}]}]}',
        ),
        (GENERATE, b'{"contents":[{"parts":[{"fileData":{"fileUri":"gs://bucket/files.pdf"}}]}]}'),
        (GENERATE, b'{"contents":[{"parts":[{"fileData":{"fileUri":"https://youtu.be/x"}}]}]}'),
        (
            GENERATE,
            b'{"contents":[{"parts":[{"functionCall":{"args":{"file_id":"own"}}}]}],"file":1}',
        ),
        (Call(Dialect.OPENAI, Operation.EMBEDDINGS), b'{"input":"x","file_id":"ignored"}'),
    ],
)
def test_what_an_application_says_freely_names_nothing(call: Call, body: bytes) -> None:
    assert not named_within(call, body)


def test_an_input_of_an_odd_kind_is_looked_into() -> None:
    assert named_within(RESPONSES, b'{"type":7,"input":[{"file_id":"file-1"}]}')
