/**
 * A model of half a billion random weights, in the shape of Qwen2.5-0.5B, on this machine's adapter: it loads, scores a
 * sequence and takes one step of RL on a LoRA adapter. Prints time and peak memory of each as JSON lines, and fails when the
 * step has no gradient or leaves the adapter as it was.
 *
 *     node e2e/half-billion.mjs [DIR]      DIR gets the model, 988 MB, and keeps it; a temporary folder unless given
 *
 * Minutes on a software adapter, so `npm test` leaves it out. That the log-probs are those of transformers:
 * python3 e2e/golden/check_export.py DIR
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExperimentInput } from '../src/lab/schema/index.ts';
import { ADAPTER_WEIGHTS } from '../src/model/adapter-files.ts';
import { parseModelConfig } from '../src/model/config.ts';
import { parameterLayout } from '../src/model/layout.ts';
import { readSafetensors } from '../src/model/safetensors.ts';
import { Random } from '../src/random.ts';

const CONFIG = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  vocab_size: 151_936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  hidden_act: 'silu',
  max_position_embeddings: 32_768,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  tie_word_embeddings: true,
  bos_token_id: 0,
  eos_token_id: 0,
  torch_dtype: 'bfloat16',
};
const SEED = 1;
/** Of the weights, as transformers draws them. */
const STD = 0.02;
/** Random numbers that all weights are taken from, each tensor from another place on; a prime, so that no rows are alike. */
const DRAWN = 1_048_583;
const ONE_BF16 = 0x3f80;

const EXPERIMENT: ExperimentInput = {
  name: 'half a billion',
  prompt: { template: 'task' },
  rollout: { queries_per_step: 2, num_generations: 2, max_completion_length: 8, max_num_seqs: 4 },
  // Random weights answer nothing right: the reward is a checksum of the text, which two responses hardly share.
  reward: {
    output: 0,
    custom: 1,
    custom_code:
      'function reward({ response }) { let sum = 0; for (const c of response) sum += c.charCodeAt(0); return (sum % 101) / 100; }',
  },
  kl: { schedule: 'fixed', beta: 0.01 },
  training: { peft: 'lora', gradient_checkpointing: true, micro_batch_tokens: 256 },
  schedule: { max_steps: 1, eval_steps: 1, save_steps: 1 },
  evaluation: { problems: 1, num_samples: 1 },
};

const root = join(import.meta.dirname, '..');
const temporary = mkdtempSync(join(tmpdir(), 'lab-half-billion-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

const model = resolve(process.argv[2] ?? join(temporary, 'model'));
if (!existsSync(join(model, 'model.safetensors'))) writeModel(model);
const experiment = join(temporary, 'experiment.json');
writeFileSync(experiment, JSON.stringify(EXPERIMENT));

const ids = Array.from({ length: 32 }, (_, i) => (i * 7919) % CONFIG.vocab_size);
await measured('dry run', ['run', experiment, '--model', model, '--dry-run']);
await measured('score', ['score', '--model', model, '--ids', ids.join(',')]);
const run = join(temporary, 'run');
checkTrained(
  await measured('one LoRA step, and its model written', ['run', experiment, '--model', model, '--out', run]),
);

function writeModel(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(CONFIG, null, 2));
  const tokenizer = join(root, 'e2e/golden/qwen-tokenizer');
  for (const name of ['tokenizer_config.json', 'chat_template.jinja'])
    cpSync(join(tokenizer, name), join(folder, name));
  writeFileSync(
    join(folder, 'tokenizer.json'),
    withAllWords(readFileSync(join(tokenizer, 'tokenizer.json'), 'utf8')),
  );
  const parts = [...parameterLayout(parseModelConfig(CONFIG)).parts.values()];
  let end = 0;
  const entries = parts.map(({ name, shape, size }) => {
    const begin = end;
    end += 2 * size;
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const drawn = normals(new Random(SEED, 0));
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  for (const bytes of [length, header]) writeSync(file, bytes);
  parts.forEach(({ name, size }, index) => {
    if (name.endsWith('norm.weight')) {
      writeSync(file, new Uint16Array(size).fill(ONE_BF16));
      return;
    }
    let from = (index * 7919) % DRAWN;
    for (let left = size; left > 0; from = 0) {
      const count = Math.min(left, DRAWN - from);
      writeSync(file, drawn, 2 * from, 2 * count);
      left -= count;
    }
  });
  closeSync(file);
}

/** A tokenizer with a word for every id that the model can choose, so that responses have a text. */
function withAllWords(json: string): string {
  const tokenizer = JSON.parse(json) as {
    model: { vocab: Record<string, number> };
    added_tokens: { id: number }[];
  };
  const { vocab } = tokenizer.model;
  const taken = new Set([...Object.values(vocab), ...tokenizer.added_tokens.map(({ id }) => id)]);
  for (let id = 0; id < CONFIG.vocab_size; id++) if (!taken.has(id)) vocab[`word${id}`] = id;
  return JSON.stringify(tokenizer);
}

/** DRAWN normal numbers as bf16. */
function normals(random: Random): Uint8Array {
  const values = Float32Array.from({ length: DRAWN }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return STD * radius * Math.cos(2 * Math.PI * random.next());
  });
  return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer);
}

/** Runs a command of the lab; prints and returns its records, each with the time and the most memory until then. */
async function measured(what: string, args: string[]): Promise<Record<string, unknown>[]> {
  const begin = performance.now();
  const child = spawn(process.execPath, [join(root, 'src/cli/lab.mjs'), ...args, '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, peakBytes(child.pid));
    return {
      seconds: Math.round((performance.now() - begin) / 100) / 10,
      peakGB: Math.round(peak / 1e7) / 100,
    };
  };
  const watch = setInterval(look, 100);
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const records: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const record = { ...(JSON.parse(line) as Record<string, unknown>), ...look() };
    records.push(record);
    console.log(JSON.stringify(record));
  }
  const code = await ended;
  clearInterval(watch);
  if (code !== 0) throw new Error(`lab ${args.join(' ')} ended with ${code}`);
  console.log(JSON.stringify({ what, ...look() }));
  return records;
}

/** @throws Error unless the step had a gradient and has changed the adapter, whose B begins as zeros */
function checkTrained(records: readonly Record<string, unknown>[]): void {
  const norm = Number(records.find(({ grad_norm }) => grad_norm !== undefined)?.grad_norm);
  if (!(norm > 0 && norm < Infinity)) throw new Error(`the gradient has a norm of ${norm}`);
  const tensors = readSafetensors(readFileSync(join(run, 'adapter', ADAPTER_WEIGHTS)), ADAPTER_WEIGHTS);
  const changes = [...tensors.values()]
    .filter(({ name }) => name.endsWith('.lora_B.weight'))
    .map(({ data }) => data.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
  const changed = changes.filter((most) => most > 0 && most < Infinity).length;
  console.log(
    JSON.stringify({ gradientNorm: norm, changed, of: changes.length, largest: Math.max(...changes) }),
  );
  if (changed < changes.length) throw new Error(`${changed} of ${changes.length} adapters have changed`);
}

/** The most memory that a process has had so far; 0 once it is gone, or where the system does not say. */
function peakBytes(pid: number | undefined): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return 1024 * Number(kilobytes ?? 0);
  } catch {
    return 0;
  }
}
