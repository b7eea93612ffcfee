/** A run that travels: everything that is kept of it in one zip, and back into a store. */
export { contentsOf, storeRun, type RunContents } from './contents';
export { datasetLines, missingDataset, placeDataset, withDatasetName, type PlacedDataset } from './dataset';
export { missingDemonstrations, placeDemonstrations, withDemonstrationsName } from './demonstrations';
export { RunFileError } from './error';
export { readRunFile } from './read';
export { writeRunFile, type RunFile } from './write';
