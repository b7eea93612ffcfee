/** The model that an experiment names, in the browser: one that a person brought, or one that is served with the lab. */
import { httpSource } from '../../model/http-source';
import type { FileSource } from '../../model/source';
import { isComplete, ModelStore } from '../../store/models';
import { ExperimentError } from '../schema';

/** Names of the models that are served with the lab. */
export const SHIPPED_MODELS: readonly string[] = ['tiny-countdown', 'tiny-countdown-36k'];

/**
 * @param page the page's address
 * @throws ExperimentError when there is no such model, or not all of it yet; StoreError
 */
export async function namedSource(name: string, page: string): Promise<FileSource> {
  const refuse = (message: string) => new ExperimentError([{ path: 'model.path', message }]);
  if (SHIPPED_MODELS.includes(name)) return httpSource(new URL(`models/${encodeURIComponent(name)}/`, page));
  const store = new ModelStore();
  const model = await store.find(name);
  if (!model)
    throw refuse(
      `There is no model “${name}” in this browser: it was deleted or never brought here. Runs and their results are kept. Bring it under Models, or choose another.`,
    );
  if (!isComplete(model))
    throw refuse(`The model “${name}” is here by half. Go on with its download under Models.`);
  return store.source(model);
}
