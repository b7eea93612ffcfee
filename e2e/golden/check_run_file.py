"""Checks the zip of a run that the lab exported: pyarrow and pandas read the tables, transformers the checkpoint.

    npm run -s lab -- export RUN --to run --out run.zip
    python3 e2e/golden/check_run_file.py run.zip      (pyarrow 26, pandas, torch 2.13, transformers 5.23)

The Parquet file is compared with the JSON lines value by value, the CSV with the metrics; the checkpoint loads without a
warning. A zip without a checkpoint or without its model is checked as far as it goes.
"""

import json
import math
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import pandas
import pyarrow.parquet

NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def number(value):
    return NON_FINITE.get(value, value) if isinstance(value, str) else value


def same(a, b) -> bool:
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b))


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def check_rollouts(folder: Path) -> int:
    expected = lines(folder / "rollouts.jsonl")
    table = pyarrow.parquet.read_table(folder / "rollouts.parquet")
    assert table.num_rows == len(expected), (table.num_rows, len(expected))
    for row, rollout in zip(table.to_pylist(), expected):
        rewards = rollout.pop("rewards")
        equations = rollout.pop("equations")
        flat = {
            **rollout,
            "answer": rollout.get("answer"),
            "reward": float(number(rollout["reward"])),
            "advantage": float(number(rollout["advantage"])),
            **{f"equations.{name}": value for name, value in equations.items()},
            **{f"rewards.{name}": float(number(value)) for name, value in rewards.items()},
        }
        for name, value in row.items():
            assert same(value, flat.get(name)), (name, value, flat.get(name))
        assert set(flat) <= set(row), set(flat) - set(row)
    return table.num_rows


def check_metrics(folder: Path) -> int:
    expected = lines(folder / "metrics.jsonl")
    table = pandas.read_csv(folder / "metrics.csv")
    assert len(table) == len(expected)
    for row, line in zip(table.to_dict("records"), expected):
        for name, value in row.items():
            wanted = number(line.get(name, math.nan))
            assert same(float(value), float(wanted)), (name, value, wanted)
    return len(table)


def check_checkpoint(folder: Path) -> str:
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    model, report = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert not any(report.values()), report
    PreTrainedTokenizerFast.from_pretrained(folder)
    return f"{sum(p.numel() for p in model.parameters())} parameters"


def main(file: str) -> None:
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as directory:
        zipfile.ZipFile(file).extractall(directory)
        (folder,) = Path(directory).iterdir()
        found = [f"{check_metrics(folder)} steps", f"{check_rollouts(folder)} rollouts"]
        found += [check_checkpoint(path.parent) for path in folder.glob("checkpoints/*/model.safetensors")]
        print(f"{file}: {', '.join(found)}")


if __name__ == "__main__":
    main(sys.argv[1])
