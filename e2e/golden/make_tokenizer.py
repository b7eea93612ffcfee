"""Golden files for the tokenizer: what transformers makes of texts with a tokenizer of Qwen's kind.

    python3 e2e/golden/make_tokenizer.py        (tokenizers and transformers 5.23; same versions, same files)

A byte-level BPE is trained on TRAINING with the normalizer, pre-tokenizer, decoder and special tokens of Qwen2 and Qwen3.
The folder qwen-tokenizer holds it as save_pretrained writes it, chat_template.jinja included, and

texts.jsonl       {"text", "ids", "decoded", "skipped"}: ids without added tokens; what they decode to, without and with
                  skip_special_tokens
conversations.json  [{"messages", "prompt", "ids"}]: apply_chat_template with the generation prompt
"""

import json
import random
import unicodedata
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast, Qwen2Tokenizer

OUT = Path(__file__).parent / "qwen-tokenizer"
SEED = 11

# As in the tokenizer.json of Qwen2, Qwen2.5 and Qwen3.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# Qwen3 marks these as not special: decoding keeps them.
ADDED = ["<think>", "</think>", "<tool_call>", "</tool_call>"]

# The features that Qwen's own templates use: namespaces, reversed slices, string methods, tojson, loop variables.
TEMPLATE = r"""{%- if tools %}
    {{- '<|im_start|>system\nTools:\n' }}
    {%- for tool in tools %}
        {{- tool | tojson }}
        {{- '\n' }}
    {%- endfor %}
    {{- '<|im_end|>\n' }}
{%- endif %}
{%- set ns = namespace(searching=true, last_question=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and message.role == "user" and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.searching = false %}
        {%- set ns.last_question = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == "assistant" %}
        {%- set content = message.content %}
        {%- set thoughts = '' %}
        {%- if '</think>' in content %}
            {%- set thoughts = content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\n') %}
        {%- endif %}
        {{- '<|im_start|>' + message.role + '\n' }}
        {%- if loop.index0 > ns.last_question and (loop.last or thoughts) %}
            {{- '<think>\n' + thoughts.strip('\n') + '\n</think>\n\n' }}
        {%- endif %}
        {{- content + '<|im_end|>\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or messages[loop.index0 - 1].role != "tool" %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != "tool" %}
            {{- '<|im_end|>\n' }}
        {%- endif %}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\n\n</think>\n\n' }}
    {%- endif %}
{%- endif %}
"""

TRAINING = [
    "The answer is 42. Let me check it again: 6 * 7 = 42, so the answer is right.",
    "Wait, let me re-evaluate the question step by step. First, the number of ways is 3 + 4 = 7.",
    "They'll say it isn't, we've said it's; I'd wait.",
    "Die Antwort ist größer, als wir dachten: über 1.000 Möglichkeiten.",
    "La réponse est déjà là ; où est l'élève ? Voilà, ça y est.",
    "¿Dónde está la solución? El niño comió mañana.",
    "Ответ равен сорока двум, потому что шесть умножить на семь.",
    "答案是四十二，因为六乘以七等于四十二。让我们再检查一遍。",
    "答えは四十二です。もう一度確かめてみましょう。",
    "정답은 사십이입니다. 다시 확인해 봅시다.",
    "الجواب هو اثنان وأربعون لأن ستة في سبعة.",
    "उत्तर बयालीस है क्योंकि छह गुणा सात।",
    "def solve(n):\n    return [i for i in range(n) if i % 2 == 0]\n\nprint(solve(10))\n",
    "function solve(n) {\n  const x = n.map((v) => v * 2);\n  return x;\n}\n",
    "\\boxed{\\frac{1}{2}} and $x^2 + y^2 = z^2$",
    # What is white space for JavaScript and what for Unicode differs in these two.
    "\ufeff a \ufeff\ufeff b \u0085 c \u0085\u0085 d\ufeff \ufeff\n e\u0085 \u0085\n" * 3,
    # Case folding: the long s is an s.
    "it'\u017f that'\u017f what'\u017f" * 2,
]

TEXTS = TRAINING + [
    "",
    " ",
    "   leading and trailing   ",
    "tabs\tand\t\ttabs, \r\nCRLF\r\n\r\n\n\n  \n end",
    "a\n\n\n   b\n \n c   \n",
    "1234567890 3.14159 1,000,000 ½ ² ٣٤٥ १२३ 五 Ⅷ",
    "I'M HERE, YOU'LL SEE, ISN'T IT? ’s ‘quoted’ 'S'T'RE",
    "e\u0301 and \u00e9; \uac00 and \u1100\u1161; \ufb01 ligature; \u212b \u00c5",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 ☺️ 👍🏽 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒙",
    "zero\u200bwidth, no\u00a0break, \u2028line\u2029paragraph, \u3000ideographic, \ufeffbom, \u0085nel, \u200dzwj",
    "\u0000\u0001\u007f\u0080\u009f control",
    "שלום עולם, שָׁלוֹם",
    "ภาษาไทยไม่มีช่องว่าง",
    "Tiếng Việt có dấu: Nguyễn Văn Ả, ế ệ ở",
    "Ελληνικά: ἐν ἀρχῇ ἦν ὁ λόγος",
    "ქართული ენა, Հայերեն, አማርኛ, বাংলা, தமிழ்",
    "İstanbul ıIiİ ß ẞ ſ K Å ı",
    "#include <stdio.h>\nint main(void) {\n\tprintf(\"%d\\n\", 42); /* ok */\n\treturn 0;\n}\n",
    "fn main() -> Result<(), Box<dyn Error>> { let x: &'static str = r#\"a\"#; Ok(()) }",
    "<html><body class=\"a b\">&nbsp;<!-- c --></body></html>",
    "SELECT * FROM t WHERE a != 'b' -- note\n;",
    "{\"key\": [1, 2.5e-3, null, true], \"näm€\": \"\\u00e9\"}",
    "x = lambda *a, **k: {**k, 'a': a}  # type: ignore",
    "https://example.org/a?b=c&d=%20#e user@example.org",
    "!!!??...---===___***~~~```\n```python\n```",
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\nhm\n</think>\n\nHi!<|im_end|><|endoftext|>",
    "<|im_start|> <|im_end|>  <think>a</think> <|im_star|> <|unknown|> <think",
    "a<|endoftext|>b <|endoftext|> c",
    "do n't . we 're , it 's ( right ) ?",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "the" * 40,
]

CONVERSATIONS = [
    [{"role": "user", "content": "What is 6 * 7?"}],
    [
        {"role": "system", "content": "Answer in  one\nword."},
        {"role": "user", "content": "答案是？ <think> {{ x }}"},
    ],
    [
        {"role": "user", "content": "6 * 7?"},
        {"role": "assistant", "content": "<think>\nsix sevens\n</think>\n\n42"},
        {"role": "user", "content": "Sure?"},
    ],
    [
        {"role": "user", "content": "6 * 7?"},
        {"role": "assistant", "content": "<think>\ncalculate\n</think>\n\nOne moment."},
        {"role": "tool", "content": "42"},
        {"role": "tool", "content": "forty-two"},
    ],
]


def random_text(rng: random.Random) -> str:
    """Words, spaces and characters of all planes; never half of a surrogate pair."""
    ranges = [(0x20, 0x7F), (0x09, 0x0D), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x6FF), (0x900, 0xE7F), (0x1E00, 0x206F),
              (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF)]
    pieces = SPECIAL + ADDED + ["the", " the", "'ll", "'S", "\r\n", "  ", "\n\n", " 12", "\\frac",
                              "\ufeff", "\u0085", " \ufeff", "\u0085 ", "'\u017f"]
    text = ""
    for _ in range(rng.randint(1, 24)):
        text += rng.choice(pieces) if rng.random() < 0.3 else chr(rng.randint(*rng.choice(ranges)))
    # Characters that Unicode has not assigned get classes in later versions.
    return "".join(c for c in text if unicodedata.category(c) != "Cn")


def main() -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    trainer = trainers.BpeTrainer(
        vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(TRAINING * 4, trainer)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in ADDED])

    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", clean_up_tokenization_spaces=False
    )
    fast.chat_template = TEMPLATE
    OUT.mkdir(exist_ok=True)
    fast.save_pretrained(OUT)
    fast = AutoTokenizer.from_pretrained(OUT)
    # Qwen's own class, which builds its pre-tokenizer itself, agrees.
    qwen = Qwen2Tokenizer.from_pretrained(OUT)

    rng = random.Random(SEED)
    with open(OUT / "texts.jsonl", "w") as file:
        for text in TEXTS + [random_text(rng) for _ in range(300)]:
            ids = fast.encode(text, add_special_tokens=False)
            assert ids == qwen.encode(text, add_special_tokens=False), text
            record = {
                "text": text,
                "ids": ids,
                "decoded": fast.decode(ids),
                "skipped": fast.decode(ids, skip_special_tokens=True),
            }
            assert unicodedata.normalize("NFC", record["decoded"]) == unicodedata.normalize("NFC", text), text
            file.write(json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n")

    conversations = []
    for messages in CONVERSATIONS:
        prompt = fast.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = fast.encode(prompt, add_special_tokens=False)
        conversations.append({"messages": messages, "prompt": prompt, "ids": ids})
    (OUT / "conversations.json").write_text(json.dumps(conversations, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
