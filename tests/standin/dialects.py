"""The servers the stand-in plays: what they refuse, how thinking is said and shown, what they add to a reply."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.standin.account import Account
from tests.standin.answers import Answer
from tests.standin.faults import Refusal, cannot_afford
from tests.standin.options import Options

Body = Mapping[str, Any]


class Plain:
    """The common denominator: no thinking; usage in a stream only where it is asked for."""

    reasoning_field = "reasoning_content"
    comments = False
    always_usage = False

    def __init__(self, options: Options) -> None:
        self.options = options

    def refuse(self, body: Body, input_tokens: int, account: Account) -> Refusal | None:
        """The refusal of a request this server would not take, or None."""
        if body.get("model") != self.options.model:
            message = f"The model `{body.get('model')}` does not exist or you do not have access to it."
            return Refusal(404, {"message": message, "type": "invalid_request_error", "code": "model_not_found"})
        return None

    def thinks(self, body: Body) -> bool:
        """Whether this request is answered with thinking."""
        return False

    def dress(self, answer: Answer) -> Answer:
        """The answer as this server hands it over."""
        return answer

    def additions(self) -> dict[str, Any]:
        """Further fields of a reply and of every chunk."""
        return {}

    def usage(self, input_tokens: int, reasoning: int, output: int, cost: float) -> dict[str, Any]:
        """The usage object; ``output`` includes ``reasoning``."""
        return {
            "prompt_tokens": input_tokens,
            "completion_tokens": output,
            "total_tokens": input_tokens + output,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }

    def profile(self) -> dict[str, Any]:
        """What a profile says of this server."""
        return {"thinking": None}


class LongCat(Plain):
    """The vendor's own: thinking unless disabled, temperature up to 1, case-sensitive model id."""

    def refuse(self, body: Body, input_tokens: int, account: Account) -> Refusal | None:
        """400 for what it does not take, 402 where the quota is spent."""
        if body.get("model") != self.options.model:
            return Refusal(400, {"message": f"Unsupported model: {body.get('model')}", "code": "invalid_request"})
        if not 0 <= body.get("temperature", 1.0) <= 1:
            return Refusal(400, {"message": "temperature must be in [0, 1]", "code": "invalid_request"})
        if not 1 <= body.get("max_tokens", 1) <= 131072:
            return Refusal(400, {"message": "max_tokens must be in [1, 131072]", "code": "invalid_request"})
        if account.credit is not None and account.usd >= account.credit:
            return Refusal(402, {"message": "Out of quota, please recharge", "code": "insufficient_quota"})
        return None

    def thinks(self, body: Body) -> bool:
        """On unless the request disables it."""
        return bool(body.get("thinking", {}).get("type") != "disabled")

    def dress(self, answer: Answer) -> Answer:
        """Leak the closing tag where asked to."""
        return replace(answer, content=f"</longcat_think>{answer.content}") if self.options.leak_tag else answer

    def profile(self) -> dict[str, Any]:
        """As the profile of the real one."""
        return {
            "thinking": {"on": {"thinking": {"type": "enabled"}}, "off": {"thinking": {"type": "disabled"}}},
            "think_tags": ["longcat_think", "think"],
            "temperature": [0.0, 1.0],
            "max_output_tokens": 131072,
        }


class OpenRouter(Plain):
    """A router: names its provider and the cost, sends comments while it waits, reserves the worst case."""

    reasoning_field = "reasoning"
    comments = True
    always_usage = True

    def refuse(self, body: Body, input_tokens: int, account: Account) -> Refusal | None:
        """400 for an unknown model, 402 where the worst case is more than the credit."""
        if body.get("model") != self.options.model:
            return Refusal(400, {"message": f"{body.get('model')} is not a valid model ID", "code": 400})
        wanted = body.get("max_tokens", self.options.max_tokens)
        affordable = account.affordable(input_tokens)
        if affordable is not None and wanted > affordable:
            return cannot_afford(wanted, affordable)
        return None

    def thinks(self, body: Body) -> bool:
        """On unless the request says otherwise."""
        return bool(body.get("reasoning", {}).get("enabled", True))

    def additions(self) -> dict[str, Any]:
        """The provider's name."""
        return {"provider": "StandIn"}

    def usage(self, input_tokens: int, reasoning: int, output: int, cost: float) -> dict[str, Any]:
        """With the cost, but in the free variant."""
        usage = super().usage(input_tokens, reasoning, output, cost)
        return usage if self.options.free else {**usage, "cost": cost, "is_byok": False}

    def profile(self) -> dict[str, Any]:
        """As the profile of the real one."""
        return {
            "thinking": {"on": {"reasoning": {"enabled": True}}, "off": {"reasoning": {"enabled": False}}},
            "extra_body": {"usage": {"include": True}},
        }


class SGLang(Plain):
    """Self-hosted without a reasoning parser: thinking stands in the content; queues instead of refusing."""

    def thinks(self, body: Body) -> bool:
        """On unless the chat template is told otherwise."""
        return bool(body.get("chat_template_kwargs", {}).get("enable_thinking", True))

    def dress(self, answer: Answer) -> Answer:
        """Put the reasoning into the content, between tags."""
        if not answer.reasoning:
            return answer
        content = f"<longcat_think>{answer.reasoning}</longcat_think>\n{answer.content}"
        return replace(answer, content=content, reasoning="")

    def profile(self) -> dict[str, Any]:
        """As the profile of a real one."""
        switch = "chat_template_kwargs"
        return {
            "thinking": {"on": {switch: {"enable_thinking": True}}, "off": {switch: {"enable_thinking": False}}},
            "think_tags": ["longcat_think", "think"],
            "prices": None,
        }


DIALECTS: dict[str, type[Plain]] = {"plain": Plain, "longcat": LongCat, "openrouter": OpenRouter, "sglang": SGLang}
