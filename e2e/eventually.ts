import { expect } from '@playwright/test';

/** `expect` for what comes after kernels were compiled or a run went on: minutes where a processor does it all. */
export const eventually = expect.configure({ timeout: 240_000 });
