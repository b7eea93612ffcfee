/** Names of LaTeX commands, units and characters that answers use. */

/** Commands that only lay out or decorate. */
export const IGNORED_COMMANDS = new Set(
  (
    'left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle textstyle ' +
    'scriptstyle limits nolimits quad qquad boxed fbox mleft mright rm bf it hfill thinspace medspace enspace ' +
    'hline nonumber'
  ).split(' '),
);

/** Commands that stand for one operator or bracket of the grammar. */
export const OPERATOR_COMMANDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cdot: '*',
    times: '*',
    ast: '*',
    div: '/',
    colon: ':',
    pm: '±',
    mp: '∓',
    cup: '∪',
    bigcup: '∪',
    cap: '∩',
    setminus: '∖',
    backslash: '∖',
    in: '∈',
    le: '≤',
    leq: '≤',
    leqslant: '≤',
    leqq: '≤',
    ge: '≥',
    geq: '≥',
    geqslant: '≥',
    geqq: '≥',
    lt: '<',
    gt: '>',
    ne: '≠',
    neq: '≠',
    approx: '≈',
    simeq: '≈',
    lvert: '|',
    rvert: '|',
    vert: '|',
    lbrace: '\\{',
    rbrace: '\\}',
    lbrack: '[',
    rbrack: ']',
    lparen: '(',
    rparen: ')',
    circ: '°',
    degree: '°',
    langle: '⟨',
    rangle: '⟩',
    lfloor: '⌊',
    rfloor: '⌋',
    lceil: '⌈',
    rceil: '⌉',
  }),
);

/** Characters that stand for an operator; `∅`, `π` and `∞` for a command; `²` for a power. */
export const CHARACTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '−': '-',
    '–': '-',
    '—': '-',
    '×': '*',
    '·': '*',
    '⋅': '*',
    '∙': '*',
    '÷': '/',
    '∕': '/',
    '⁄': '/',
    '∶': ':',
    '：': ':',
    '，': ',',
    '；': ';',
    '（': '(',
    '）': ')',
    '±': '±',
    '∓': '∓',
    '∪': '∪',
    '∩': '∩',
    '∖': '∖',
    '∈': '∈',
    '≤': '≤',
    '⩽': '≤',
    '≥': '≥',
    '⩾': '≥',
    '≠': '≠',
    '≈': '≈',
    '°': '°',
    '⟨': '⟨',
    '⟩': '⟩',
    '⌊': '⌊',
    '⌋': '⌋',
    '⌈': '⌈',
    '⌉': '⌉',
    '％': '%',
  }),
);
export const COMMAND_CHARACTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ π: 'pi', '∞': 'infty', '√': 'sqrt', '∅': 'emptyset', θ: 'theta', α: 'alpha', β: 'beta' }),
);
export const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Functions of one argument in the order of their names; `log` and a few more have rules of their own in the parser. */
export const NAMED_FUNCTIONS = new Set(
  'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln exp'.split(' '),
);
export const LIST_FUNCTIONS = new Set(['max', 'min', 'gcd', 'lcm']);

export const GREEK = new Set(
  (
    'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau ' +
    'upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar angle triangle prime'
  ).split(' '),
);
/** Commands around a name; the name differs from the bare one: a vector is not its length. */
export const DECORATIONS = new Set(
  'mathbf vec hat bar overline tilde overrightarrow mathcal mathbb boldsymbol bm widehat dot'.split(' '),
);
export const TEXT_COMMANDS = new Set(
  'text textbf textit textrm textnormal textsf texttt mbox hbox mathrm mathit mathsf operatorname'.split(' '),
);

/** Words that mean the operator or command on the right when written without a backslash. */
export const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    and: ',',
    or: ',',
    percent: '%',
    percentage: '%',
    pct: '%',
    sqrt: '\\sqrt',
    pi: '\\pi',
    infinity: '\\infty',
    inf: '\\infty',
    infty: '\\infty',
    log: '\\log',
    frac: '\\frac',
    ...Object.fromEntries([...NAMED_FUNCTIONS, ...LIST_FUNCTIONS].map((name) => [name, `\\${name}`])),
  }),
);

/** Units by their usual short name, with what else they are called (singular). */
const UNITS: Record<string, string> = {
  mm: 'millimeter millimetre',
  cm: 'centimeter centimetre',
  dm: 'decimeter',
  m: 'meter metre',
  km: 'kilometer kilometre',
  in: 'inch inche',
  ft: 'foot feet',
  yd: 'yard',
  mi: 'mile',
  mg: 'milligram',
  g: 'gram gm',
  kg: 'kilogram',
  lb: 'pound',
  s: 'second sec',
  min: 'minute',
  h: 'hour hr',
  day: '',
  week: '',
  month: '',
  year: 'yr',
  ml: 'milliliter',
  l: 'liter litre',
  gal: 'gallon',
  degree: 'deg',
  dollar: 'usd',
  cent: '',
  mph: '',
  kmh: '',
  ohm: '',
  acre: '',
  unit: '',
};
const UNIT_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(UNITS).flatMap(([short, names]) =>
    [short, ...names.split(' ').filter(Boolean)].map((name) => [name, short]),
  ),
);

/** The usual short name of a unit, `cm` for `Centimetres`; undefined for a word that is no unit of the table. */
export function unitName(word: string): string | undefined {
  const name = word.toLowerCase();
  return UNIT_NAMES.get(name) ?? (name.endsWith('s') ? UNIT_NAMES.get(name.slice(0, -1)) : undefined);
}
/** Units of two letters that are read as such without \text; `2ml` may be a product. */
export const BARE_UNITS = new Set(['cm', 'mm', 'km', 'kg', 'ft', 'lb', 'hr']);
