export { CustomReward, openCustomReward, testReward } from './custom-reward';
export { REWARD_EXAMPLES } from './examples';
export { rewardInputs } from './inputs';
export { SAMPLES } from './samples';
