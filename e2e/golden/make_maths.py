"""Golden verdicts of free-form maths answers, by Hugging Face's Math-Verify itself.

    pip install "math-verify[antlr4_13_2]==0.9.0" pytest
    pip download --no-deps --no-binary :all: math-verify==0.9.0 && tar xzf math_verify-0.9.0.tar.gz
    python3 e2e/golden/make_maths.py math_verify-0.9.0        (writes math-verify.jsonl beside this file)

Each line: gold, pred (a whole response), correct (Math-Verify's verdict, with boxes first and 6 decimals), group.
Groups "documented/…" are the cases of Math-Verify's own tests (Apache License 2.0, The HuggingFace Team), read from its
source distribution, but for any above 20000 characters. The others are made here from CLASSES, in which the forms of one
line are one answer: a form against another of its line, and "cross" pairs against forms of other lines.
"""

import importlib
import itertools
import json
import logging
import sys
from pathlib import Path

from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

MODULES = ["test_all", "test_numina_cases", "test_open_thoughts", "test_boxed", "test_strict", "test_string_extraction"]
MAX_CHARACTERS = 20000
CONFIG = [LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()]

CLASSES = {
    "numbers": [
        ["1234", "1,234", "1{,}234", "1234.0", "1.234 \\times 10^3", "\\$1234"],
        ["1243", "1,243"],
        ["-5", "-5.0", "3-8", "-(5)"],
        ["5", "+5", "10/2"],
        ["0.5", "\\frac{1}{2}", "\\frac12", "1/2", "\\dfrac{2}{4}", ".5", "50\\%", "0.50"],
        ["0.05", "5\\%", "\\frac{1}{20}"],
        ["1.5", "1\\frac{1}{2}", "\\frac{3}{2}", "3/2", "1 \\frac{1}{2}"],
        ["-\\frac{7}{3}", "\\frac{-7}{3}", "\\frac{7}{-3}", "-7/3", "-2\\frac{1}{3}"],
        ["0.333333", "\\frac{1}{3}"],
        ["0.333", "0.3330"],
        ["6.02 \\times 10^{23}", "6.02 \\cdot 10^{23}", "602 \\times 10^{21}"],
        ["10^{-3}", "0.001", "\\frac{1}{1000}"],
        ["10^{100}", "10^{50} \\cdot 10^{50}"],
        ["10^{100}+1", "1 + 10^{100}"],
        ["0", "0.0", "5-5"],
        ["5!", "120"],
        ["\\binom{6}{2}", "15"],
    ],
    "units": [
        ["12\\text{ cm}", "12", "12 cm", "12\\mathrm{~cm}", "12 \\text{ centimeters}"],
        ["13\\text{ cm}", "13"],
        ["90^\\circ", "90", "90^{\\circ}", "90 \\text{ degrees}"],
        ["\\$18.90", "18.90", "18.9 \\text{ dollars}"],
        ["60 \\text{ km/h}", "60"],
        ["25\\text{ cm}^2", "25", "25 \\mathrm{cm}^2"],
    ],
    "surds": [
        ["\\sqrt{12}", "2\\sqrt{3}", "2\\sqrt 3", "\\sqrt{3}\\cdot 2", "2 \\cdot 3^{1/2}"],
        ["\\frac{\\sqrt{3}}{3}", "\\frac{1}{\\sqrt{3}}", "\\sqrt{\\frac{1}{3}}", "3^{-1/2}"],
        ["\\sqrt{3}+\\sqrt{2}", "\\sqrt{5+2\\sqrt{6}}", "\\frac{1}{\\sqrt{3}-\\sqrt{2}}"],
        ["\\sqrt{3}-\\sqrt{2}", "\\frac{1}{\\sqrt{3}+\\sqrt{2}}"],
        ["\\frac{1+\\sqrt{5}}{2}", "\\frac{1}{2}+\\frac{\\sqrt{5}}{2}", "\\frac{2}{\\sqrt{5}-1}", "2\\cos 36^\\circ"],
        ["\\sqrt[3]{54}", "3\\sqrt[3]{2}", "54^{1/3}"],
        ["\\sqrt{10^{20}+1}"],
        ["10^{10}", "10000000000"],
        ["2^{2/3}", "\\sqrt[3]{4}"],
    ],
    "constants": [
        ["2\\pi", "\\pi \\cdot 2", "6.283185", "\\frac{4\\pi}{2}"],
        ["\\frac{\\pi}{2}", "\\pi/2", "\\frac{1}{2}\\pi"],
        ["3.14"],
        ["e^2", "e \\cdot e", "\\exp(2)"],
        ["e^{\\pi\\sqrt{163}}"],
        ["262537412640768744"],
        ["\\ln 8", "3\\ln 2", "\\ln(8)"],
        ["\\log_2 3", "\\frac{\\ln 3}{\\ln 2}", "\\log_4 9"],
        ["\\log 1000", "3", "\\log_2 8"],
        ["\\ln(10^{15}+1)"],
        ["15\\ln 10"],
        ["\\sin\\frac{\\pi}{3}", "\\frac{\\sqrt{3}}{2}", "\\cos\\frac{\\pi}{6}"],
        ["\\cos\\frac{2\\pi}{7}"],
        ["\\tan\\frac{\\pi}{4}", "1"],
        ["\\arctan 1", "\\frac{\\pi}{4}"],
        ["|-7|", "7", "|7|"],
    ],
    "algebra": [
        ["x^2+2x+1", "(x+1)^2", "1+2x+x^2", "x(x+2)+1"],
        ["x^2+2x-1", "(x+1)^2-2"],
        ["x+1", "\\frac{x^2-1}{x-1}", "1+x"],
        ["x-1", "-(1-x)"],
        ["1-x", "-(x-1)"],
        ["\\frac{x+2}{7}", "\\frac{x}{7}+\\frac{2}{7}", "(x+2)/7"],
        ["\\frac{a}{b}", "a/b", "ab^{-1}", "\\frac{1}{b/a}"],
        ["\\frac{b}{a}", "b/a"],
        ["\\frac{1}{x}+\\frac{1}{y}", "\\frac{x+y}{xy}"],
        ["\\sin^2 x+\\cos^2 x", "1"],
        ["\\sin^2 x-\\cos^2 x", "1-2\\cos^2 x"],
        ["2\\sin x\\cos x", "\\sin(2x)", "\\sin 2x"],
        ["\\sin x + 10^{-20}"],
        ["\\sin x", "\\sin(x)"],
        ["2^{n+1}", "2\\cdot 2^n"],
        ["2^{n-1}", "\\frac{2^n}{2}"],
        ["\\ln(x^2)"],
        ["2\\ln x", "\\ln x + \\ln x"],
        ["\\sqrt{x^2}", "|x|"],
        ["x", "\\frac{x^2}{x}"],
        ["\\frac{n(n-1)}{2}", "\\binom{n}{2}", "\\frac{n^2-n}{2}"],
        ["3x^2y-2xy", "xy(3x-2)"],
        ["(x+y)^{10}-(x+y)^{10}+x"],
        ["y = 2x+3", "2x+3", "y=3+2x"],
        ["x_1+x_2", "x_2+x_{1}"],
        ["\\alpha+\\beta", "\\beta+\\alpha"],
        ["3+4i", "4i+3"],
        ["3-4i"],
    ],
    "collections": [
        ["(1,2)", "(1, 2)", "\\left(1,2\\right)", "(x,y)=(1,2)"],
        ["(2,1)"],
        ["[1,2]"],
        ["[1,2)"],
        ["\\{1,2,3\\}", "\\{3,2,1\\}", "1,2,3", "3, 2, 1", "1, 2 \\text{ and } 3", "x=1, x=2, x=3", "1;2;3"],
        ["\\{1,2\\}", "1,2", "\\{2,1\\}"],
        ["\\{1,2,4\\}", "1,2,4"],
        ["(1,2,3)", "(1, 2, \\frac{6}{2})"],
        ["(1,2),(3,4)", "(3,4),(1,2)", "\\{(1,2),(3,4)\\}", "(1,2) \\text{ and } (3,4)"],
        ["(1,2),(4,3)"],
        ["\\left(\\frac{1}{2},\\sqrt{8}\\right)", "(0.5, 2\\sqrt{2})"],
        ["\\pm 3", "3,-3", "\\{-3,3\\}", "x=\\pm 3"],
        ["1\\pm\\sqrt{2}", "1+\\sqrt{2},1-\\sqrt{2}"],
        ["(-\\infty,2)\\cup(3,\\infty)", "(3,\\infty)\\cup(-\\infty,2)"],
        ["(-\\infty,2]\\cup(3,\\infty)"],
        ["(-\\infty,2]\\cup[3,\\infty)"],
        ["[1,3]", "[1,2]\\cup[2,3]", "[1,2]\\cup[2,\\sqrt{9}]"],
        ["(-\\infty,\\infty)", "\\mathbb{R}"],
        ["(0,1)\\cup(1,2)", "(0,2)\\setminus\\{1\\}"],
        ["\\emptyset", "\\{\\}"],
    ],
    "relations": [
        ["x=3", "3"],
        ["x=4", "4"],
        ["y=3"],
        ["x>5", "5<x", "(5,\\infty)", "x \\in (5,\\infty)", "-x<-5", "2x>10"],
        ["x\\ge 5", "x \\geq 5", "[5,\\infty)", "5 \\le x"],
        ["x<5", "(-\\infty,5)"],
        ["1<x<3", "(1,3)", "x\\in(1,3)"],
        ["1\\le x<3", "[1,3)"],
        ["x \\ne 3", "x\\neq 3", "(-\\infty,3)\\cup(3,\\infty)"],
        ["x^2+y^2=1", "2x^2+2y^2=2", "x^2+y^2-1=0", "1=x^2+y^2"],
        ["x^2+y^2=4"],
        ["2x+3y=6", "y=2-\\frac{2}{3}x", "4x+6y-12=0"],
        ["x=\\frac{1}{2}", "\\frac{1}{2}", "0.5", "x = 1 - \\frac12 = 0.5"],
        ["x=1,y=2", "y=2, x=1"],
    ],
    "matrices": [
        ["\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}",
         "\\left[\\begin{array}{cc}1&2\\\\3&4\\end{array}\\right]", "2\\begin{pmatrix}0.5&1\\\\1.5&2\\end{pmatrix}"],
        ["\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}"],
        ["\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{bmatrix}1\\\\ \\frac{4}{2}\\end{bmatrix}"],
        ["\\begin{pmatrix}1&2\\end{pmatrix}"],
        ["\\begin{pmatrix}x^2-1\\\\2x\\end{pmatrix}", "\\begin{pmatrix}(x-1)(x+1)\\\\x+x\\end{pmatrix}"],
    ],
    "text": [
        ["\\text{Evelyn}", "Evelyn", "\\text{evelyn}", "\\textbf{Evelyn}"],
        ["\\text{Carla}", "Carla"],
        ["\\text{(C)}", "C", "\\text{C}"],
        ["\\text{(D)}", "D"],
        ["\\text{no solution}", "\\text{No solution}"],
        ["\\text{even}", "even"],
        ["\\text{odd}", "odd"],
        ["\\text{True}", "True"],
        ["\\text{east}"],
        ["\\text{seat}"],
    ],
}  # fmt: skip

RESPONSES = [
    ("$42$", "So we add them up.\nThe answer is 42."),
    ("$42$", "The answer is $42$."),
    ("$42$", "Final Answer: The final answer is $42$. I hope it is correct."),
    ("$42$", "First 41, then \\boxed{42}."),
    ("$42$", "First \\boxed{41}. That was wrong, since I forgot to carry the one over, so in the end \\boxed{42}."),
    ("$41$", "First \\boxed{41}. That was wrong, since I forgot to carry the one over, so in the end \\boxed{42}."),
    ("$42$", "The answer is 41"),
    ("$42$", "\\boxed{\\text{The answer is } 41}"),
    ("$42$", "We get $x = 40 + 2 = 42$"),
    ("$\\frac{1}{2}$", "The probability is therefore $\\frac{1}{2}$"),
    ("$\\frac{1}{2}$", "**Answer:** $\\dfrac{1}{2}$"),
    ("$\\frac{1}{2}$", "Answer: 1/2"),
    ("$\\frac{1}{2}$", "Answer: 2/1"),
    ("$3, 5$", "\\boxed{3} and \\boxed{5}"),
    ("$3, 5$", "\\boxed{5}"),
    ("$1000$", "The total is 1,000 dollars."),
    ("$x^2+1$", "Hence \\[ f(x) = x^2 + 1 \\]"),
]


def verdict(gold, pred):
    return bool(verify(parse(gold, CONFIG), parse(pred, CONFIG), float_rounding=6))


def documented(sdist):
    """(gold, pred, group) of the parametrised tests."""
    sys.path.insert(0, str(sdist))
    for name in MODULES:
        module = importlib.import_module(f"tests.{name}")
        for test in vars(module).values():
            for mark in getattr(test, "pytestmark", []):
                if mark.name != "parametrize" or not str(mark.args[0]).replace(" ", "").startswith("gold,pred"):
                    continue
                group = f"documented/{test.__name__.removeprefix('test_')}"
                yield from ((case[0], case[1], group) for case in mark.args[1])


def made():
    """(gold, pred, group) from CLASSES."""
    for group, classes in CLASSES.items():
        for forms in classes:
            for form in forms:
                yield f"${forms[0]}$", f"\\boxed{{{form}}}", group
            for form in forms[1:]:
                yield f"${form}$", f"The answer is ${forms[0]}$", group
        for a, b in itertools.permutations(classes, 2):
            yield f"${a[-1]}$", f"\\boxed{{{b[0]}}}", f"cross/{group}"
    for gold, pred in RESPONSES:
        yield gold, pred, "responses"


def main():
    logging.disable(logging.CRITICAL)
    seen, lines = set(), []
    for gold, pred, group in itertools.chain(documented(Path(sys.argv[1])), made()):
        if (gold, pred) in seen or max(len(gold), len(pred)) > MAX_CHARACTERS:
            continue
        seen.add((gold, pred))
        lines.append({"gold": gold, "pred": pred, "correct": verdict(gold, pred), "group": group})
    out = Path(__file__).with_name("math-verify.jsonl")
    out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    print(f"{len(lines)} lines, {sum(line['correct'] for line in lines)} equal")


if __name__ == "__main__":
    main()
