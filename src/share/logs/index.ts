/** Curves of runs elsewhere: the logs of TRL and of verl as the lab's metrics, to be laid over its own. */
export { contentsOfLog } from './contents';
export { isForeign } from './foreign';
export { LogError, readLog, type ForeignRun } from './log';
