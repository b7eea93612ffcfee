import { create } from 'zustand';
import { PRESETS } from '../../lab/presets';
import { parseExperiment } from '../../lab/schema';
import { draftOf, presetDraft, type Draft } from './draft';

interface FormState {
  /** Key of `PRESETS` the draft is compared with. */
  preset: string;
  draft: Draft;
  /** The own reward function that was last tested without a failure. */
  testedReward: string | null;
  rewardTested: (code: string) => void;
  choosePreset: (name: string) => void;
  change: (path: string, text: string) => void;
  /** The checkpoint that the next run begins with, instead of the base model. */
  fork: { run: string; name: string; step: number } | null;
  /** Fills the form from a run's document, to start a fork of that run. @throws as `load` */
  loadFork: (experiment: unknown, fork: NonNullable<FormState['fork']>) => void;
  noFork: () => void;
  /** Fills the form from a stored run's document. @throws ExperimentError when it does not fit the schema. */
  load: (experiment: unknown) => void;
}

const first = Object.keys(PRESETS)[0];

/** The experiment form, shared by the panel and the buttons that start a run. */
export const useForm = create<FormState>((set) => ({
  preset: first,
  draft: presetDraft(first),
  testedReward: null,
  rewardTested: (testedReward) => set({ testedReward }),
  choosePreset: (preset) => set({ preset, draft: presetDraft(preset) }),
  change: (path, text) => set(({ draft }) => ({ draft: { ...draft, [path]: text } })),
  fork: null,
  loadFork: (experiment, fork) => set({ draft: draftOf(parseExperiment(experiment)), fork }),
  noFork: () => set({ fork: null }),
  load: (experiment) => set({ draft: draftOf(parseExperiment(experiment)), fork: null }),
}));
