import tseslint from 'typescript-eslint';
import reactHooks from 'eslint-plugin-react-hooks';

/** Arrows point down only (see the README's map): what each folder may not import. */
const layers = [
  'gpu',
  'model',
  'tokenizer',
  'tasks',
  'tools',
  'rl',
  'sft',
  'store',
  'lab',
  'share',
  'ui',
  'cli',
];
const forbidden = {
  gpu: layers.filter((l) => l !== 'gpu'),
  model: ['tokenizer', 'tasks', 'tools', 'rl', 'sft', 'store', 'lab', 'share', 'ui', 'cli'],
  tokenizer: ['model', 'gpu', 'tasks', 'tools', 'rl', 'sft', 'store', 'lab', 'share', 'ui', 'cli'],
  tasks: ['gpu', 'model', 'tools', 'rl', 'sft', 'store', 'lab', 'share', 'ui', 'cli'],
  tools: layers.filter((l) => l !== 'tools'),
  rl: ['sft', 'store', 'lab', 'share', 'ui', 'cli'],
  sft: ['store', 'lab', 'share', 'ui', 'cli'],
  store: ['gpu', 'tools', 'lab', 'share', 'ui', 'cli', 'sft'],
  lab: ['share', 'ui', 'cli'],
  share: ['gpu', 'tools', 'ui', 'cli'],
  ui: ['cli', 'gpu', 'model', 'tools'],
  cli: ['ui'],
};

const sources = ['**/*.{ts,tsx,mjs}'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'playwright-report', 'public', 'runs'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommendedTypeChecked.map((c) => ({ ...c, files: sources })),
  {
    files: sources,
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Use the seeded threefry generator.' },
      ],
    },
  },
  {
    files: ['src/ui/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  ...Object.entries(forbidden).map(([layer, targets]) => ({
    files: [`src/${layer}/**/*.{ts,tsx}`],
    ignores: ['**/*.test.ts', '**/*.test.tsx'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: targets.map((t) => ({
            regex: `^(\\.\\./)+${t}(/|$)`,
            message: `${layer}/ may not import ${t}/`,
          })),
        },
      ],
    },
  })),
);
