/** What the bench measures, in the order in which it does. */
export const SECTIONS = [
  { letter: 'a', name: 'device', title: 'multiply-add peak, cost of a launch' },
  { letter: 'b', name: 'matmul', title: 'linear layers forward and backward, share of the peak' },
  { letter: 'c', name: 'training', title: 'training step against jax-js on WebGPU' },
  { letter: 'd', name: 'decode', title: '64 sequences side by side against one' },
  { letter: 'e', name: 'rl', title: 'rollout and update of one step of the preset `aha`' },
  { letter: 'f', name: 'growth', title: 'memory before and after 200 training steps' },
  {
    letter: 'g',
    name: 'tools',
    title: '64 short tool calls in the sandbox; rollouts with calls against rollouts without',
  },
  {
    letter: 'h',
    name: 'halfBillion',
    title: 'decoding and LoRA training in the shape of Qwen2.5-0.5B, as shares of peak and bandwidth',
  },
] as const;

export type SectionName = (typeof SECTIONS)[number]['name'];
