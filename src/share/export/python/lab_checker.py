"""Verdicts of the Reasoning RL Lab's answer checkers, in Python (standard library; math-verify for imported questions).

`is_right(response, truth)` judges what stands in the last \\boxed{} of a response, or in its last <answer> tag. `truth` is the
JSON object of the data's ground truth, of one of four kinds:

    {"kind": "countdown", "numbers": [15, 14, 3], "target": 59}   an expression over + - * that uses each number exactly once
    {"kind": "number", "values": ["5 / 2"]}                       a number equal to one of these, exactly
    {"kind": "text", "values": ["bob"]}                           one of these texts, in any case
    {"kind": "maths", "answer": "\\frac{1}{2}"}                   free-form maths, as Math-Verify judges it
"""

import re
from fractions import Fraction

# White space as JavaScript has it: the lab's checkers are written in TypeScript.
WHITE = "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
MAX_BOX_CHARACTERS = 200


def is_right(response: str, truth: dict) -> bool:
    """Never raises for a response, whatever it holds."""
    text = answer_text(response)
    if truth["kind"] == "maths":
        return maths_equal(truth["answer"], text)
    box = last_boxed(text)
    if not box or utf16_length(box) > MAX_BOX_CHARACTERS:
        return False
    if truth["kind"] == "countdown":
        return countdown_right(box, truth["numbers"], truth["target"])
    if truth["kind"] == "number":
        value = parse_rational(re.sub(r"^x ?= ?", "", box))
        return value is not None and value in [parse_rational(v) for v in truth["values"]]
    return box.lower() in truth["values"]


def answer_text(response: str) -> str:
    """The content of the last <answer> tag, boxed if it has no box itself; the whole response where there is no tag."""
    end = response.rfind("</answer>")
    # A tag that begins at `end` or before; JavaScript's lastIndexOf(tag, end).
    start = -1 if end < 0 else response.rfind("<answer>", 0, end + len("<answer>"))
    if start < 0:
        return response
    tagged = response[start + len("<answer>") : end].strip(WHITE)
    return tagged if "\\boxed" in tagged else f"\\boxed{{{tagged}}}"


def last_boxed(text: str) -> str | None:
    """The content of the last \\boxed{…}, trimmed, braces inside it balanced; None where there is none or it is not closed."""
    opening = "\\boxed{"
    at = text.rfind(opening)
    if at < 0:
        return None
    start = at + len(opening)
    depth = 1
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[start:i].strip(WHITE)
    return None


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class NotAnExpression(Exception):
    pass


def countdown_right(box: str, numbers: list[int], target: int) -> bool:
    """sum = product (('+' | '-') product)*, product = factor ('*' factor)*, factor = integer | '(' sum ')'."""
    tokens = re.findall(rf"[0-9]+|[^{WHITE}]", box)
    used: list[int] = []

    def take(token: str) -> bool:
        if tokens[:1] != [token]:
            return False
        tokens.pop(0)
        return True

    def total() -> int:
        value = product()
        while True:
            if take("+"):
                value += product()
            elif take("-"):
                value -= product()
            else:
                return value

    def product() -> int:
        value = factor()
        while take("*"):
            value *= factor()
        return value

    def factor() -> int:
        if take("("):
            value = total()
            if not take(")"):
                raise NotAnExpression
            return value
        if not tokens or not re.fullmatch(r"[0-9]+", tokens[0]):
            raise NotAnExpression
        used.append(int(tokens.pop(0)))
        return used[-1]

    try:
        value = total()
    except NotAnExpression:
        return False
    return not tokens and sorted(used) == sorted(numbers) and value == target


SIGN = r"([+-]?) ?"
INTEGER = re.compile(rf"{SIGN}([0-9]{{1,40}})")
GROUPED = re.compile(rf"{SIGN}([0-9]{{1,3}}(?:,[0-9]{{3}}){{1,9}})")
DECIMAL = re.compile(rf"{SIGN}([0-9]{{0,40}})\.([0-9]{{1,40}})")
FRACTION = re.compile(rf"{SIGN}([0-9]{{1,40}}) ?/ ?([0-9]{{1,40}})")
LATEX_FRACTION = re.compile(rf"{SIGN}\\[dt]?frac ?\{{ ?([0-9]{{1,40}}) ?\}} ?\{{ ?([0-9]{{1,40}}) ?\}}")


def parse_rational(text: str) -> Fraction | None:
    """Reads -12, 1,000, 2.50, 5 / 2 and \\frac{5}{2} exactly; None for anything else."""
    plain = text.strip(WHITE).replace("−", "-")
    if whole := INTEGER.fullmatch(plain) or GROUPED.fullmatch(plain):
        value = Fraction(int(whole[2].replace(",", "")))
        sign = whole[1]
    elif decimal := DECIMAL.fullmatch(plain):
        value = Fraction(int(decimal[2] + decimal[3]), 10 ** len(decimal[3]))
        sign = decimal[1]
    elif (fraction := FRACTION.fullmatch(plain) or LATEX_FRACTION.fullmatch(plain)) and int(fraction[3]) != 0:
        value = Fraction(int(fraction[2]), int(fraction[3]))
        sign = fraction[1]
    else:
        return None
    return -value if sign == "-" else value


def maths_equal(gold: str, response: str) -> bool:
    """The lab's own checker follows Math-Verify but for the few pairs that its test lists."""
    from math_verify import parse, verify

    return verify(parse(gold) or parse(f"${gold}$"), parse(response))
