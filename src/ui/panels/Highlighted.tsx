import { useMemo, type ReactNode } from 'react';
import { highlightRanges, type KeywordCategory } from '../../tasks/keywords';
import { MathsText } from '../maths/MathsText';

const CATEGORIES: Record<KeywordCategory, string> = {
  verification: 'self-verification',
  reflection: 'self-reflection',
  correction: 'self-correction',
};

/** A response as text, its reflection keywords marked by category and its formulas set. */
export function Highlighted({ text }: { text: string }) {
  const ranges = useMemo(() => highlightRanges(text), [text]);
  const plain = (from: number, to: number) => {
    const parts: ReactNode[] = [];
    let end = from;
    for (const range of ranges) {
      if (range.start < end || range.end > to) continue;
      parts.push(
        text.slice(end, range.start),
        <mark key={range.start} className={range.category} title={CATEGORIES[range.category]}>
          {text.slice(range.start, range.end)}
        </mark>,
      );
      end = range.end;
    }
    return [...parts, text.slice(end, to)];
  };
  return (
    <p className="response">
      <MathsText text={text} plain={plain} />
    </p>
  );
}

export function KeywordLegend() {
  return (
    <span className="keyword-legend">
      {(Object.keys(CATEGORIES) as KeywordCategory[]).map((category) => (
        <mark key={category} className={category}>
          {CATEGORIES[category]}
        </mark>
      ))}
    </span>
  );
}

/** Whether a response shows reflection of any category. */
export const reflects = (response: string): boolean => highlightRanges(response).length > 0;
