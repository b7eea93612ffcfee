/**
 * A small preprocessor for the files in `shaders/`, because WGSL can neither unroll a loop over registers nor leave code out:
 *
 *   #for i in RM      repeats the lines up to its #end with `$i` replaced by 0, 1, … RM−1 (nests),
 *                     `$i/4` and `$i%4` by the whole quarter of that and what is left of it
 *   #if NAME          keeps the lines when the constant is true (or non-zero); also `#if !NAME`; `#else`
 *   #end
 *
 * Constants become WGSL constants above the file: numbers as u32, strings verbatim; booleans only steer `#if`.
 */
export type Constants = Readonly<Record<string, number | boolean | string>>;

/** A WGSL f32 literal, for constants that are not integers. */
export function f32Literal(value: number): string {
  const text = Math.fround(value).toString();
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

const replaceIndex = (line: string, name: string, i: number): string =>
  line
    .replaceAll(`${name}/4`, String(Math.floor(i / 4)))
    .replaceAll(`${name}%4`, String(i % 4))
    .replaceAll(name, String(i));

/** WGSL wants these above all else. */
const isDirective = (line: string): boolean => /^(enable |diagnostic\()/.test(line);

/**
 * Expands a shader file.
 * @throws Error on an unknown constant or unbalanced directives.
 */
export function expandWgsl(source: string, constants: Constants): string {
  const lines = source.split('\n');
  let next = 0;

  function lookup(name: string): number | boolean | string {
    if (!(name in constants)) throw new Error(`shader constant ${name} is not set`);
    return constants[name];
  }

  /** Expands lines until the closing directive of this block, which it leaves at `next`. */
  function block(emit: boolean): string[] {
    const out: string[] = [];
    while (next < lines.length) {
      const words = lines[next].trim().split(/\s+/);
      if (words[0] === '#end' || words[0] === '#else') return out;
      if (words[0] === '#if') {
        next++;
        const negated = words[1].startsWith('!');
        const wanted = Boolean(lookup(words[1].replace('!', ''))) !== negated;
        out.push(...block(emit && wanted));
        if (lines[next]?.trim() === '#else') {
          next++;
          out.push(...block(emit && !wanted));
        }
        close('#if');
      } else if (words[0] === '#for') {
        next++;
        const count = Number(/^\d+$/.test(words[3]) ? words[3] : lookup(words[3]));
        const body = block(emit);
        close('#for');
        for (let i = 0; i < count; i++)
          out.push(...body.map((line) => replaceIndex(line, `$${words[1]}`, i)));
      } else {
        if (emit) out.push(lines[next]);
        next++;
      }
    }
    return out;
  }

  function close(opened: string): void {
    if (lines[next]?.trim() !== '#end') throw new Error(`shader: ${opened} without #end`);
    next++;
  }

  const body = block(true);
  if (next < lines.length) throw new Error(`shader: ${lines[next].trim()} without its opening`);
  const directives = body.filter(isDirective);
  const header = Object.entries(constants)
    .filter(([, value]) => typeof value !== 'boolean')
    .map(([name, value]) => `const ${name} = ${typeof value === 'number' ? `${value}u` : value};`);
  return [...directives, ...header, ...body.filter((line) => !isDirective(line))].join('\n');
}
