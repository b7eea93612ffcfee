# Runs once, before the memory is copied that every call starts from.
import sys

# What model-written code mostly imports: loaded once instead of at every call.
import cmath, collections, copy, datetime, decimal, fractions, functools, heapq, itertools, json, math  # noqa: F401
import operator, random, re, statistics, string, time, traceback, typing  # noqa: F401


class _Closed:
    """The bridges to JavaScript and the network are taken down: nothing lies behind them."""

    names = {
        "js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "micropip", "webbrowser",
        "socket", "_socket", "ssl", "_ssl", "subprocess", "_posixsubprocess", "multiprocessing",
        "ctypes", "_ctypes",
    }

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in cls.names:
            raise ImportError(f"{name} is not available in the sandbox", name=name)
        return None


def _close():
    for name in [n for n in sys.modules if n.partition(".")[0] in _Closed.names]:
        del sys.modules[name]
    sys.meta_path[:] = [_Closed] + [f for f in sys.meta_path if "JsFinder" not in type(f).__name__]


def _run(code):
    """Runs the code as `__main__`; returns the traceback, or None."""
    import io
    import linecache
    import types

    stream = io.open(1, "w", encoding="utf-8", errors="backslashreplace", newline="\n", closefd=False)
    sys.stdout = sys.stderr = stream
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    sys.setrecursionlimit(1000)
    linecache.cache["<code>"] = len(code), None, code.splitlines(keepends=True), "<code>"
    error = None
    try:
        exec(compile(code, "<code>", "exec"), main.__dict__)
    except SystemExit as exit:
        if exit.code not in (None, 0):
            error = f"SystemExit: {exit.code}"
    except BaseException as exception:
        frames = exception.__traceback__.tb_next
        error = "".join(traceback.format_exception(type(exception), exception, frames, limit=-8))
    try:
        stream.flush()
    except BaseException:
        pass
    return error
