"""How long a response was and whether it ended by itself, where a framework passes its text only."""

from pathlib import Path

from lab_reward import SETTINGS
from transformers import PreTrainedTokenizerFast

TOKENIZER = PreTrainedTokenizerFast.from_pretrained(Path(__file__).parent / "model")
EOS = set(SETTINGS["eos_token_ids"])


def measure(response: str) -> tuple[int, bool]:
    """Tokens with the end-of-sequence token, and whether there was one: a text as long as the limit was cut there.

    The text is tokenised again; a policy that splits words otherwise than the tokenizer is measured a little off.
    """
    length = len(TOKENIZER(response, add_special_tokens=False)["input_ids"])
    limit = SETTINGS["max_completion_length"]
    return (length + 1, True) if length < limit else (limit, False)


def split_query(query: str, prompt: str) -> tuple[str, int, bool]:
    """The response in a query that holds the prompt and special tokens, its tokens, and whether it ended by itself."""
    prompt_length = len(TOKENIZER(prompt, add_special_tokens=False)["input_ids"])
    ids = TOKENIZER(query, add_special_tokens=False)["input_ids"][prompt_length:]
    return TOKENIZER.decode(ids, skip_special_tokens=True), len(ids), bool(ids) and ids[-1] in EOS
