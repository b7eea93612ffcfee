import { Fragment } from 'react';
import { highlightRanges, type KeywordCategory } from '../../tasks/keywords';

const CATEGORIES: Record<KeywordCategory, string> = {
  verification: 'self-verification',
  reflection: 'self-reflection',
  correction: 'self-correction',
};

/** A response as text, its reflection keywords marked by category. */
export function Highlighted({ text }: { text: string }) {
  const parts: { text: string; category?: KeywordCategory }[] = [];
  let end = 0;
  for (const range of highlightRanges(text)) {
    if (range.start < end) continue;
    parts.push(
      { text: text.slice(end, range.start) },
      { text: text.slice(range.start, range.end), category: range.category },
    );
    end = range.end;
  }
  parts.push({ text: text.slice(end) });
  return (
    <p className="response">
      {parts.map((part, i) =>
        part.category ? (
          <mark key={i} className={part.category} title={CATEGORIES[part.category]}>
            {part.text}
          </mark>
        ) : (
          <Fragment key={i}>{part.text}</Fragment>
        ),
      )}
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
