import { Component, Fragment, lazy, Suspense, useMemo, type ReactNode } from 'react';
import { mathsParts, mannerOf, type MathsPart } from './parts';

const Typeset = lazy(() => import('./Typeset'));

interface Props {
  text: string;
  /** Draws what is no maths; by default as it is. */
  plain?: (start: number, end: number) => ReactNode;
}

/** A text with its formulas set as such. */
export function MathsText({ text, plain = (start, end) => text.slice(start, end) }: Props) {
  const parts = useMemo(() => mathsParts(text), [text]);
  return (
    <>
      {parts.map((part, i) => (
        <Fragment key={part.start}>
          {plain(i === 0 ? 0 : parts[i - 1].end, part.start)}
          <Formula part={part} written={text.slice(part.start, part.end)} />
        </Fragment>
      ))}
      {plain(parts.at(-1)?.end ?? 0, text.length)}
    </>
  );
}

function Formula({ part, written }: { part: MathsPart; written: string }) {
  const manner = mannerOf(part.tex);
  if (manner === 'written') return written;
  if (manner === 'plain') return <span className={part.boxed ? 'maths boxed' : 'maths'}>{part.tex}</span>;
  return (
    <OrAsWritten written={written}>
      <Suspense fallback={written}>
        <Typeset part={part} written={written} />
      </Suspense>
    </OrAsWritten>
  );
}

/** When KaTeX cannot be loaded, for want of a network, formulas stay as they are written. */
class OrAsWritten extends Component<{ written: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? this.props.written : this.props.children;
  }
}
