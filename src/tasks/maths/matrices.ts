import { MathsError } from './errors';
import { some, type Node } from './tree';

export const holdsMatrix = (node: Node): boolean => some(node, (n) => n.type === 'matrix');

const multiply = (...factors: Node[]): Node => ({ type: 'multiply', factors });
const add = (...terms: Node[]): Node => ({ type: 'add', terms });
const MAX_ENTRIES = 64;

/**
 * The entries of a matrix, or of sums and products of matrices and numbers.
 * @throws MathsError when the shapes do not fit or there is another operation
 */
export function entries(node: Node): Node[][] {
  if (node.type === 'matrix') {
    if (node.rows.flat().length > MAX_ENTRIES) throw new MathsError('a matrix is too large');
    return node.rows;
  }
  if (node.type === 'add') return node.terms.map(entries).reduce(sum);
  if (node.type === 'divide') return entries(node.over).map((row) => row.map((over) => ({ ...node, over })));
  if (node.type !== 'multiply') throw new MathsError('it is no sum or product of matrices');
  const scalars = node.factors.filter((factor) => !holdsMatrix(factor));
  const product = node.factors.filter(holdsMatrix).map(entries).reduce(times);
  return scalars.length ? product.map((row) => row.map((entry) => multiply(...scalars, entry))) : product;
}

function sum(a: Node[][], b: Node[][]): Node[][] {
  if (a.length !== b.length || a[0].length !== b[0].length)
    throw new MathsError('matrices of different shapes are added');
  return a.map((row, i) => row.map((entry, j) => add(entry, b[i][j])));
}

function times(a: Node[][], b: Node[][]): Node[][] {
  if (a[0].length !== b.length || a.length * b[0].length * b.length > 8 * MAX_ENTRIES)
    throw new MathsError('matrices of shapes that do not fit are multiplied');
  return a.map((row) => b[0].map((_, j) => add(...row.map((entry, k) => multiply(entry, b[k][j])))));
}
