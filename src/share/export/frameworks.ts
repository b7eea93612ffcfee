/** The frameworks that a study can be exported to, and what they call themselves. */
export const FRAMEWORK_TITLES = { trl: 'TRL', verl: 'verl', openrlhf: 'OpenRLHF' } as const;

export type Framework = keyof typeof FRAMEWORK_TITLES;
export const FRAMEWORKS = Object.keys(FRAMEWORK_TITLES) as Framework[];
