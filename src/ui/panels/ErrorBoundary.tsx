import { Component, type ReactNode } from 'react';
import { messageOf } from '../state/lab';

/** Shown instead of a blank page. */
function Failure({ message }: { message: string }) {
  return (
    <div className="failure" role="alert">
      <h1>The page could not go on</h1>
      <p>{message}</p>
      <p>
        Stored runs and checkpoints are kept in this browser. Reload the page; a run that was under way can be
        continued from its last checkpoint.
      </p>
      <button className="primary" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  );
}

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? (
      this.props.children
    ) : (
      <Failure message={messageOf(this.state.error)} />
    );
  }
}
