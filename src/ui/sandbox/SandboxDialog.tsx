import { Dialog } from 'radix-ui';
import { lazy, Suspense } from 'react';
import { usePackages } from './packages';

// Few need it, and the page should open at once.
const Playground = lazy(() => import('./Playground'));

/** A snippet, run in the sandbox that a policy's tool calls run in. */
export function SandboxDialog() {
  const shown = usePackages((packages) => packages.shown);
  const { open } = usePackages.getState();
  return (
    <Dialog.Root open={shown} onOpenChange={open}>
      <Dialog.Trigger className="link">Sandbox</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog wide data sandbox">
          <Dialog.Title>Sandbox</Dialog.Title>
          <Dialog.Description className="muted">
            Runs a snippet as a model’s tool calls are run: without network, page or files, on a clock and
            with random numbers of its own, so that the same code gives the same result.
          </Dialog.Description>
          <Suspense fallback={<p role="status">Loading …</p>}>
            <Playground />
          </Suspense>
          <Dialog.Close className="dialog-close" aria-label="Close">
            ✕
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
