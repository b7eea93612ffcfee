import type { ModelConfig } from '../model/config';
import { parameterLayout, unflatten } from '../model/layout';
import type { Tensor } from '../model/safetensors';
import { StoreError, type Checkpoint } from '../store/types';

/**
 * The parameters of a checkpoint by their Hugging Face names.
 * @param config of the model that the run began with
 * @throws StoreError when the checkpoint is of another model
 */
export function trainedTensors(config: ModelConfig, { step, arrays }: Checkpoint): Map<string, Tensor> {
  const layout = parameterLayout(config);
  if (arrays.params?.length !== layout.size)
    throw new StoreError(
      `The checkpoint of step ${step} is not of the model that its experiment names. It is kept. Bring back the model that the run began with.`,
    );
  return unflatten(layout, arrays.params);
}
