export { parseEvalSets, usesDataset, type EvalSet } from './eval-sets';
export { checkExperiment, type Advice, type Check } from './advice';
export {
  ExperimentError,
  experimentSchema,
  parseExperiment,
  readExperiment,
  type Experiment,
  type ExperimentInput,
} from './experiment';
export type { FieldMeta } from './fields';
export { parsePackages, usesPackages } from './tools';
