/** A run that travels: everything that is kept of it in one zip, and back into a store. */
export { contentsOf, storeRun, type RunContents } from './contents';
export { datasetLines, missingDataset, placeDataset, withDatasetName } from './dataset';
export { RunFileError } from './error';
export { readRunFile } from './read';
export { writeRunFile, type RunFile } from './write';
