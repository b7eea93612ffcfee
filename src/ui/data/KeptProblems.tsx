import { MathsText } from '../maths/MathsText';
import type { Problem } from '../../tasks/types';
import { ask } from './importer';
import { Pager } from './Pager';
import { usePage } from './usePage';

const SIZE = 20;
const read = (from: number, count: number) => ask((api) => api.kept(from, count));

/** The questions that can be asked, as a model would see them, and their answers. */
export function KeptProblems({ total }: { total: number }) {
  const { rows, from, go } = usePage<Problem>(read, SIZE);
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="Kept questions">
        <table className="table imported">
          <thead>
            <tr>
              <th>Question</th>
              <th>Answer</th>
              <th className="num">Level</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, prompt, answer, level }) => (
              <tr key={id}>
                <td>
                  <MathsText text={prompt} />
                </td>
                <td>
                  <MathsText text={asMaths(answer)} />
                </td>
                <td className="num">{level ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager {...{ from, go, total }} size={SIZE} of="kept questions" />
    </>
  );
}

/** An answer is LaTeX without dollar signs as often as not. */
const asMaths = (answer: string): string =>
  /\\[a-zA-Z]/.test(answer) && !answer.includes('$') ? `$${answer}$` : answer;
