"""Checks a directory that the lab exported: transformers loads it without a warning and computes what the lab computes.

    npm run -s lab -- export RUN --out DIR
    python3 e2e/golden/check_export.py DIR            (torch 2.13, transformers 5.23)

Compared are the log-probs of `lab score` on a random sequence; in float32 to 1e-4, in bfloat16 (which both read into float32
here) to the same. The tokenizer's texts survive a round trip.
"""

import json
import logging
import random
import subprocess
import sys
import warnings
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, GenerationConfig, PreTrainedTokenizerFast
from transformers.utils import logging as transformers_logging

ROOT = Path(__file__).parents[2]


class Refuse(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(f"transformers warns: {record.getMessage()}")


def main(directory: str) -> None:
    warnings.simplefilter("error")
    transformers_logging.set_verbosity_warning()
    logger = logging.getLogger("transformers")
    logger.addHandler(Refuse(level=logging.WARNING))

    model, report = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, output_loading_info=True)
    assert not any(report.values()), report
    generation = GenerationConfig.from_pretrained(directory)
    assert generation.eos_token_id is not None
    tokenizer = PreTrainedTokenizerFast.from_pretrained(directory)

    rng = random.Random(3)
    length = min(48, model.config.max_position_embeddings)
    ids = [rng.randrange(model.config.vocab_size) for _ in range(length)]
    command = ["npm", "run", "-s", "lab", "--", "score", "--json", "--model", directory, "--ids", ",".join(map(str, ids))]
    scored = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)["logprobs"]
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
    expected = torch.log_softmax(logits, -1)[range(length - 1), ids[1:]]
    worst = (torch.tensor(scored) - expected).abs().max().item()
    assert worst < 1e-4, worst
    words = [t for t in tokenizer.get_vocab() if t.isalnum() and t.isascii()][:20]
    text = tokenizer.decode(tokenizer.encode(" ".join(words), add_special_tokens=False))
    assert text.split() == words, text
    print(f"{directory}: no warning; log-probs differ by at most {worst:.1e}")


if __name__ == "__main__":
    main(sys.argv[1])
