/** How much GPU memory training takes, by part: from the configuration and settings alone, before anything is loaded. */
import { bufferSize, GpuError } from '../gpu/device';
import { WEIGHT_TYPES, type WeightType } from '../gpu/kernels/packed-weights';
import { ADAMW_UNIFORM_BYTES, NORM_LANES } from '../gpu/kernels/optimizer';
import {
  batchWords,
  copies,
  gradientWords,
  layerWords,
  lossChunk,
  outputWords,
  widestRow,
  type ActivationSize,
  type Kept,
} from './activation-sizes';
import { UNIFORM_WORDS } from './activations';
import type { ModelConfig } from './config';
import {
  cacheWords,
  decoderWords,
  DECODER_UNIFORM_WORDS,
  logitsRows,
  type DecoderSize,
} from './decoder-sizes';
import { halfCopyWords } from './half-copies';
import { parameterLayout, TARGET_MODULES, type BlockLayout, type ParameterLayout } from './layout';
import { adapterLayout, type LoraConfig } from './lora';
import { cuts, largestBuffer, spans } from './parameter-array';
import { isOnePart, partCount, widestPart } from './vocabulary';

export interface TrainingSize {
  /** Longest prompt + response in tokens. */
  positions: number;
  /** Responses decoded side by side, at most. */
  slots: number;
  /** Tokens of a training micro-batch, at most; no fewer than `positions`. */
  microBatchTokens: number;
  /** Train an adapter; all of the model unless given. */
  lora?: LoraConfig;
  /** What matrix products read of the model's own weights: float32 unless given. Trained ones are f32 beside a float16 copy. */
  dtype?: WeightType;
  gradientCheckpointing?: boolean;
  /** A reference policy for KL; one that `moves` becomes the policy from time to time. */
  reference?: 'fixed' | 'moves';
}

export interface Limits {
  /** Largest binding of parameters, as `Gpu.bindingBytes`. */
  bindingBytes: number;
  maxStorageBufferBindingSize: number;
}

export type MemoryPart =
  | 'weights'
  | 'adapter'
  | 'gradients'
  | 'optimizer'
  | 'reference'
  | 'kv_cache'
  | 'decoding'
  | 'activations'
  | 'logits';

/** Which part a buffer with this label belongs to; undefined where the estimate has no such part. */
export function partOf(label: string): MemoryPart | undefined {
  if (label.endsWith(' logits')) return 'logits';
  const [first] = label.split(' ');
  const parts: Readonly<Record<string, MemoryPart>> = {
    weights: 'weights',
    float16: 'weights',
    adapter: 'adapter',
    gradients: 'gradients',
    adam: 'optimizer',
    adamw: 'optimizer',
    reference: 'reference',
    kv: 'kv_cache',
    decoding: 'decoding',
    activations: 'activations',
  };
  return Object.hasOwn(parts, first) ? parts[first] : undefined;
}

/** Rows of activations come in multiples of this. */
const ROWS = 64;

/**
 * The sizes that are used on a device with these limits: fewer slots and smaller micro-batches give the same numbers.
 * @throws GpuError when one sequence alone is too long
 */
export function fittingSizes(
  config: ModelConfig,
  { positions, slots, microBatchTokens, lora }: TrainingSize,
  { maxStorageBufferBindingSize: most }: Pick<Limits, 'maxStorageBufferBindingSize'>,
): { decoder: DecoderSize; capacity: number } {
  const tokens = Math.floor(most / 4 / widestRow(config) / ROWS) * ROWS;
  const sequences = Math.floor(most / 4 / cacheWords(config, { slots: 1, maxLength: positions }));
  if (tokens < positions || sequences < 1)
    throw new GpuError(
      `Sequences of ${positions} tokens need more than the ${most} bytes that this adapter binds at once, and nothing was loaded. Lower the response limit (rollout.max_completion_length) to at most ${Math.max(0, tokens - 1)} tokens, prompt included.`,
    );
  return {
    decoder: { slots: Math.min(slots, sequences), maxLength: positions, lora },
    capacity: Math.min(Math.max(microBatchTokens, positions), tokens),
  };
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
const bytesOf = (words: Readonly<Record<string, number>>): number =>
  sum(Object.values(words).map((n) => bufferSize(n * 4)));

function arrayBytes(layout: BlockLayout, bindingBytes: number): { bytes: number; buffers: number } {
  const borders = cuts(layout, largestBuffer(bindingBytes));
  const sizes = borders.slice(1).map((end, i) => bufferSize((end - borders[i]) * 4));
  return { bytes: sum(sizes), buffers: sizes.length };
}

const copyBytes = (layout: BlockLayout, bindingBytes: number): number =>
  sum(halfCopyWords(layout, cuts(layout, largestBuffer(bindingBytes))).map((words) => bufferSize(words * 4)));

/**
 * Bytes of every part, exactly as the engine allocates them.
 * @throws GpuError as `fittingSizes`
 */
export function estimateMemory(
  config: ModelConfig,
  size: TrainingSize,
  limits: Limits,
): Record<MemoryPart, number> {
  const { lora, dtype, reference, gradientCheckpointing: checkpointing = false } = size;
  const { decoder, capacity } = fittingSizes(config, size, limits);
  const frozen = parameterLayout(config, dtype);
  const layout = lora ? frozen : parameterLayout(config);
  const weights = arrayBytes(layout, limits.bindingBytes);
  const halves = layout === frozen || dtype !== 'float16' ? 0 : copyBytes(layout, limits.bindingBytes);
  const adapter = lora ? arrayBytes(adapterLayout(config, lora), limits.bindingBytes) : undefined;
  const trained = adapter ?? weights;

  const passSize = (of: ParameterLayout, kept: Kept, ofAdapter: boolean) => {
    const head = spans(of.lmHead, cuts(of, largestBuffer(limits.bindingBytes)));
    const onePart = isOnePart(config, head);
    const activations: ActivationSize = {
      capacity,
      positions: size.positions,
      kept,
      logitsWidth: onePart ? config.vocabSize : widestPart(head),
      lora: ofAdapter ? lora : undefined,
    };
    return { of: activations, parts: onePart ? 0 : partCount(head) };
  };
  const pass = ({ of, parts }: ReturnType<typeof passSize>) => {
    const { logits, ...batch } = batchWords(config, of);
    const count = copies(config, of.kept);
    const uniforms = 1 + Math.ceil(capacity / lossChunk(of)) + parts;
    return {
      logits: bufferSize(logits * 4),
      activations:
        bytesOf(batch) +
        count.layers * bytesOf(layerWords(config, of)) +
        count.outputs * bytesOf(outputWords(config, of)) +
        uniforms * bufferSize(UNIFORM_WORDS * 4),
    };
  };
  const training = passSize(layout, checkpointing ? 'inputs' : 'all', true);
  const [own, other] = [pass(training), pass(passSize(frozen, 'nothing', reference === 'moves'))];
  const { logits: decoderLogits, ...decoding } = decoderWords(config, decoder);
  const groups = Math.ceil(decoder.slots / logitsRows(config, decoder));
  const { sampling, rows } = DECODER_UNIFORM_WORDS;
  const ownAdapter = adapter && reference === 'moves' ? adapter.bytes : 0;
  const ownModel = adapter ? 0 : arrayBytes(frozen, limits.bindingBytes).bytes;
  return {
    weights: weights.bytes + halves,
    adapter: adapter?.bytes ?? 0,
    gradients: trained.bytes,
    optimizer:
      2 * trained.bytes +
      bufferSize(4) +
      bufferSize(NORM_LANES * trained.buffers * 4) +
      bufferSize(ADAMW_UNIFORM_BYTES),
    reference: reference ? ownAdapter + ownModel + other.activations + other.logits : 0,
    kv_cache: config.numHiddenLayers * bufferSize(cacheWords(config, decoder) * 4),
    decoding: bytesOf(decoding) + bufferSize(sampling * 4) + (1 + groups) * bufferSize(rows * 4),
    activations: own.activations + bytesOf(gradientWords(config, training.of)),
    logits: own.logits + bufferSize(decoderLogits * 4),
  };
}

/** Bytes of all parts. */
export const totalMemory = (parts: Readonly<Record<MemoryPart, number>>): number => sum(Object.values(parts));

/** A change of a setting, by its path in an experiment, and the bytes it all takes then. */
export interface Saving {
  setting: string;
  to: string;
  bytes: number;
}

/** What saves memory, in the order of how little it costs: each on top of those before it. */
export function memorySavings(config: ModelConfig, size: TrainingSize, limits: Limits): Saving[] {
  const slots = Math.min(size.slots, 16);
  const microBatchTokens = Math.max(size.positions, ROWS);
  const changes: (readonly [setting: string, to: string, change: Partial<TrainingSize>])[] = [
    ['training.gradient_checkpointing', 'true', { gradientCheckpointing: true }],
    ['training.micro_batch_tokens', `${microBatchTokens}`, { microBatchTokens }],
    ['rollout.max_num_seqs', `${slots}`, { slots }],
    // Beside trained weights a float16 copy is one more.
    ...(size.lora ? [] : [['model.dtype', 'float32', { dtype: 'float32' }] as const]),
    ['training.peft', 'lora', { lora: size.lora ?? { r: 16, alpha: 32, targetModules: TARGET_MODULES } }],
    ...WEIGHT_TYPES.map((dtype) => ['model.dtype', dtype, { dtype }] as const),
  ];
  let changed = size;
  let before = totalMemory(estimateMemory(config, size, limits));
  return changes.flatMap(([setting, to, change]) => {
    const tried = { ...changed, ...change };
    const bytes = totalMemory(estimateMemory(config, tried, limits));
    if (bytes >= before) return [];
    [changed, before] = [tried, bytes];
    return [{ setting, to, bytes }];
  });
}
