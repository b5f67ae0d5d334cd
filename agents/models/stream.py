"""Joins the pieces of a streamed answer into one completion.

langchain-openai puts pieces together by parsing the arguments of a call again with each of them, and, where they are
no JSON, again without each of their last characters: one piece of 256 KiB would keep it busy for minutes.
"""

from collections.abc import Iterable
from typing import Any

from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

Json = dict[str, Any]


def gathered(pieces: Iterable[ChatCompletionChunk]) -> Json | None:
    """A chat completion of one choice, whose finish reason is None when the stream broke off; None without a piece."""
    whole: Json | None = None
    message = _Message()
    finish: str | None = None
    for piece in pieces:
        whole = {**(whole or {}), "id": piece.id, "model": piece.model}
        if piece.usage is not None:
            whole["usage"] = piece.usage.model_dump()
        # One choice was asked for; some servers end with a piece that holds none, only the usage.
        for choice in (piece.choices or ())[:1]:
            # It comes once, with the last piece or before the one that holds the usage.
            finish = choice.finish_reason or finish
            if choice.delta is not None:
                message.add(choice.delta)
    if whole is None:
        return None
    return {**whole, "choices": [{"index": 0, "message": message.whole(), "finish_reason": finish}]}


class _Message:
    """A message under construction, piece by piece."""

    def __init__(self) -> None:
        self._content: list[str] = []
        self._refusal: list[str] = []
        self._calls: list[_Call] = []
        self._latest: dict[int | None, _Call] = {}

    def add(self, piece: ChoiceDelta) -> None:
        self._content.append(piece.content or "")
        self._refusal.append(piece.refusal or "")
        for called in piece.tool_calls or ():
            # It belongs to the last call of its index, unless that has another id: some count every call as the first.
            call = self._latest.get(called.index)
            if call is None or (called.id and call.id and called.id != call.id):
                call = self._latest[called.index] = _Call()
                self._calls.append(call)
            call.add(called)

    def whole(self) -> Json:
        calls = {"tool_calls": [call.whole() for call in self._calls]} if self._calls else {}
        refusal = {"refusal": "".join(self._refusal)} if any(self._refusal) else {}
        return {"role": "assistant", "content": "".join(self._content) or None, **refusal, **calls}


class _Call:
    """A tool call under construction, piece by piece."""

    def __init__(self) -> None:
        self.id: str | None = None
        self._name: list[str] = []
        self._arguments: list[str] = []

    def add(self, piece: ChoiceDeltaToolCall) -> None:
        self.id = self.id or piece.id
        if piece.function is not None:
            self._name.append(piece.function.name or "")
            self._arguments.append(piece.function.arguments or "")

    def whole(self) -> Json:
        function = {"name": "".join(self._name), "arguments": "".join(self._arguments)}
        return {"id": self.id, "type": "function", "function": function}
