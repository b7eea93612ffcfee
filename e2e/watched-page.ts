import type { Browser, Page } from '@playwright/test';

/** A page of 1440 by 900 in a context of its own; what goes wrong in it, and nobody caught, is added to `errors`. */
export async function watchedPage(browser: Browser, errors: string[]): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  context.on('weberror', (error) => errors.push(error.error().message));
  return context.newPage();
}
