"""Checks the launch scripts that the lab exports against the frameworks' own configuration schema and argument parser.

    npm run -s lab -- export aha --to verl --out VERL && npm run -s lab -- export aha --to openrlhf --out OPENRLHF
    (and of an experiment with training.peft lora and evaluation.eval_dataset, whose arguments are held to its experiment.json)
    python3 e2e/golden/check_frameworks.py VERL OPENRLHF     (needs hydra-core, datasets; verl 0.9.1 and openrlhf 0.11.2 with --no-deps)

Nothing is trained, no graphics card is needed: the command that run.sh would start is caught, verl's configuration is
composed from its arguments (unknown names are refused), and OpenRLHF's parser reads its own.
"""

import ast
import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from datasets import load_dataset
from hydra import compose, initialize_config_dir


def caught_arguments(folder: Path) -> list[str]:
    """What run.sh gives to python3, behind `-m module`."""
    with tempfile.TemporaryDirectory() as path:
        catcher = Path(path) / "python3"
        catcher.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        catcher.chmod(0o755)
        said = subprocess.run(["bash", str(folder / "run.sh")], env={"PATH": f"{path}:/usr/bin:/bin"}, check=True, capture_output=True, text=True)
    return said.stdout.splitlines()[2:]


def package_folder(name: str) -> Path:
    return Path(importlib.util.find_spec(name).submodule_search_locations[0])


def modules(training: dict) -> list[str]:
    """The projections that the lab adapts."""
    named = training["lora_target_modules"]
    if named == "all-linear":
        return sorted(f"{name}_proj" for name in ("q", "k", "v", "o", "gate", "up", "down"))
    return sorted(name.strip() for name in named.split(","))


def further_sets(experiment: dict) -> int:
    return len([name for name in experiment["evaluation"]["eval_dataset"].split(",") if name.strip()])


def check_verl(folder: Path) -> None:
    with initialize_config_dir(str(package_folder("verl") / "trainer" / "config"), version_base=None):
        config = compose("ppo_trainer", overrides=caught_arguments(folder))
    assert config.actor_rollout_ref.actor.optim.betas[0] > 0
    experiment = json.loads((folder / "experiment.json").read_text())
    training, model = experiment["training"], config.actor_rollout_ref.model
    is_lora = training["peft"] == "lora"
    assert model.lora_rank == (training["lora_r"] if is_lora else 0), model.lora_rank
    if is_lora:
        assert model.lora_alpha == training["lora_alpha"] and sorted(model.target_modules) == modules(training), model
    val_files = [config.data.val_files] if isinstance(config.data.val_files, str) else list(config.data.val_files)
    assert len(val_files) == 1 + further_sets(experiment), val_files
    for path in (config.data.train_files, *val_files):
        rows = load_dataset("json", data_files=path)["train"]
        assert {"data_source", "prompt", "reward_model", "extra_info"} <= set(rows.column_names), rows.column_names
    for path in (config.actor_rollout_ref.model.path, config.reward.custom_reward_function.path):
        assert Path(path).exists(), path
    print(f"verl composes {folder}: {len(caught_arguments(folder))} arguments")


def check_openrlhf(folder: Path) -> None:
    source = (package_folder("openrlhf") / "cli" / "train_ppo_ray.py").read_text()
    main = next(n for n in ast.parse(source).body if isinstance(n, ast.If) and "__main__" in ast.unparse(n.test))
    until = next(i for i, n in enumerate(main.body) if "parse_args" in ast.unparse(n))
    scope = {"argparse": argparse, "datetime": datetime}
    exec(compile(ast.Module(main.body[:until], []), "train_ppo_ray.py", "exec"), scope)
    args = vars(scope["parser"].parse_args(caught_arguments(folder)))
    rows = load_dataset("json", data_files=args["data.prompt_dataset"])["train"]
    assert {args["data.input_key"], args["data.label_key"]} <= set(rows.column_names), rows.column_names
    for name in ("actor.model_name_or_path", "reward.remote_url"):
        assert Path(args[name]).exists(), args[name]
    experiment = json.loads((folder / "experiment.json").read_text())
    training = experiment["training"]
    is_lora = training["peft"] == "lora"
    assert args["ds.lora.rank"] == (training["lora_r"] if is_lora else 0) and args["ds.lora.dropout"] == 0
    if is_lora:
        assert args["ds.lora.alpha"] == training["lora_alpha"] and sorted(args["ds.lora.target_modules"]) == modules(training)
    sets = args["eval.dataset"].split(",")
    assert len(sets) == 1 + further_sets(experiment) and all(Path(path).exists() for path in sets), sets
    print(f"OpenRLHF parses {folder}: {len(caught_arguments(folder))} words")


if __name__ == "__main__":
    check_verl(Path(sys.argv[1]).resolve())
    check_openrlhf(Path(sys.argv[2]).resolve())
