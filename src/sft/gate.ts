/** Runs the gate on a base model: what it predicts, teacher-forced, and what it answers by itself. */
import type { Gpu } from '../gpu/device';
import { packSequences } from '../model/batch';
import { Decoder } from '../model/decoder';
import type { ModelFiles } from '../model/directory';
import { Model } from '../model/model';
import { Scorer } from '../model/trainer';
import {
  countPredictions,
  countSamples,
  gateDocuments,
  gateVerdict,
  type Count,
  type GateCheck,
  type GateDocument,
  type GateSample,
  type JudgedKind,
  type ResponseStyle,
} from '../tasks/countdown/gate';
import { PROMPT_LENGTH, split } from '../tasks/countdown/problems';
import { EOS_ID, VOCABULARY, tokenIds, tokenText } from '../tasks/countdown/vocabulary';

const SLOTS = 128;
const BATCH_TOKENS = 4096;
const MAX_NEW_TOKENS = 192;
/** Second word of the samples' RNG key. */
const SAMPLES_STREAM = 3;

export interface GateSettings {
  /** Validation problems to sample, at most all of them. */
  problems: number;
  samplesPerProblem: number;
  seed: number;
}

export const GATE_SETTINGS: GateSettings = { problems: Infinity, samplesPerProblem: 8, seed: 0 };

export interface GateReport {
  passed: boolean;
  checks: GateCheck[];
  predictions: Record<JudgedKind, Count>;
  /** Responses by style; right ones are right and finished. */
  styles: Record<ResponseStyle, Count>;
  /** Verdicts `yes` of the responses, and how many of them are true. */
  yes: Count;
}

/**
 * The gate of the measured recipe.
 * @param onProgress samples done
 * @throws RangeError when the model's vocabulary is not Countdown's; GpuError
 */
export async function runGate(
  gpu: Gpu,
  { config, weights }: ModelFiles,
  settings: GateSettings = GATE_SETTINGS,
  onProgress?: (done: number, total: number) => void,
): Promise<GateReport> {
  if (config.vocabSize !== VOCABULARY.length) {
    throw new RangeError(
      `The gate is for the ${VOCABULARY.length} words of Countdown; this model has ${config.vocabSize}.`,
    );
  }
  const model = new Model(gpu, config);
  try {
    await model.load(weights);
    const documents = gateDocuments();
    const predictions = countPredictions(documents, await predict(model, documents));
    const { styles, yes } = countSamples(await sample(model, settings, onProgress));
    return { ...gateVerdict(predictions, styles), predictions, styles, yes };
  } finally {
    model.destroy();
  }
}

/** The likeliest token after each token of each document. */
async function predict(model: Model, documents: readonly GateDocument[]): Promise<Uint32Array[]> {
  const longest = Math.max(...documents.map((d) => d.ids.length));
  const scorer = new Scorer(model, BATCH_TOKENS, longest);
  const predictions: Uint32Array[] = [];
  try {
    await scorer.prepare();
    for (let next = 0; next < documents.length;) {
      const part: GateDocument[] = [];
      for (let room = BATCH_TOKENS; next < documents.length; next++) {
        room -= documents[next].ids.length;
        if (room < 0) break;
        part.push(documents[next]);
      }
      scorer.forward(packSequences(part.map(({ ids }) => ({ ids, promptLength: 1 }))));
      const { argmax } = await scorer.stats();
      let begin = 0;
      for (const { ids } of part) predictions.push(argmax.slice(begin, (begin += ids.length)));
    }
  } finally {
    scorer.destroy();
  }
  return predictions;
}

/** Responses to the validation problems at temperature 1. */
async function sample(
  model: Model,
  { problems, samplesPerProblem, seed }: GateSettings,
  onProgress?: (done: number, total: number) => void,
): Promise<GateSample[]> {
  const asked = split('validation')
    .slice(0, problems)
    .flatMap((problem) => Array.from({ length: samplesPerProblem }, () => problem));
  const decoder = new Decoder(model, { slots: SLOTS, maxLength: PROMPT_LENGTH + MAX_NEW_TOKENS });
  try {
    await decoder.prepare();
    const completions = await decoder.generate(
      asked.map(({ prompt }, stream) => ({ prompt: tokenIds(`<bos> ${prompt}`), stream })),
      { temperature: 1, topK: 0, topP: 1, seed, stream: SAMPLES_STREAM },
      { maxNewTokens: MAX_NEW_TOKENS, stopIds: [EOS_ID], bannedIds: [] },
      { onProgress },
    );
    return completions.map(({ tokens, finished }, i) => ({
      problem: asked[i],
      response: tokenText([...tokens].filter((id) => id !== EOS_ID)),
      finished,
    }));
  } finally {
    decoder.destroy();
  }
}
