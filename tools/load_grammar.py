#!/usr/bin/env python3
"""Load an exported grammar in a decoding engine, and follow programs through it byte by byte.

    reasmory grammar --format ebnf --scene room.mem > room.ebnf
    python3 tools/load_grammar.py xgrammar room.ebnf programs.json
    python3 tools/load_grammar.py llguidance room.lark programs.json

`programs.json` is a list of `{"text": …, "program": true|false}`. Prints one line of JSON: how many programs the engine
takes to their end and how many other texts it refuses, with those that it judges otherwise. Exit code 0: none; 1: some;
3: the engine's package is absent. Written for xgrammar 0.2.8 and llguidance 1.9.1.
"""

import json
import pathlib
import sys

# Every byte is a token, and the last one ends the text.
END = 256


def xgrammar(grammar):
    import xgrammar as xgr

    vocabulary = [bytes([b]) for b in range(256)] + [b"</s>"]
    info = xgr.TokenizerInfo(
        vocabulary, vocab_type=xgr.VocabType.RAW, vocab_size=len(vocabulary), stop_token_ids=[END]
    )
    compiled = xgr.GrammarCompiler(info).compile_grammar(xgr.Grammar.from_ebnf(grammar))

    def takes(text):
        matcher = xgr.GrammarMatcher(compiled)
        return all(matcher.accept_token(b) for b in text) and matcher.accept_token(END)

    return takes


def llguidance(grammar):
    import llguidance

    class Bytes:
        """A tokenizer of bytes, as `TokenizerWrapper` asks for one."""

        eos_token_id = END
        bos_token_id = None
        tokens = [bytes([b]) for b in range(256)] + [b"</s>"]

        def __call__(self, text):
            return list(text if isinstance(text, bytes) else text.encode())

    tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(Bytes()))
    compiled = llguidance.LLMatcher.grammar_from_lark(grammar)

    def takes(text):
        matcher = llguidance.LLMatcher(tokenizer, compiled)
        if matcher.is_error():
            raise SystemExit(matcher.get_error())
        return matcher.try_consume_tokens(list(text)) == len(text) and matcher.is_accepting()

    return takes


def main():
    engine, grammar, programs = sys.argv[1:]
    load = {"xgrammar": xgrammar, "llguidance": llguidance}[engine]
    try:
        takes = load(pathlib.Path(grammar).read_text())
    except ImportError as absent:
        print(absent, file=sys.stderr)
        return 3
    accepted = refused = 0
    wrong = []
    for row in json.loads(pathlib.Path(programs).read_text()):
        taken = takes(row["text"].encode())
        if taken != row["program"]:
            wrong.append(row["text"])
        accepted += taken
        refused += not taken
    print(json.dumps({"accepted": accepted, "refused": refused, "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
