# Runs when a sandbox starts, with the bridges to JavaScript taken down already.
import importlib
import os
import struct
import sys
import types
import zipfile


def unpack(order):
    """Puts files of a zip into a folder."""
    path, folder, files = order
    with zipfile.ZipFile(path) as wheel:
        for entry, place in files:
            target = f"{folder}/{place}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(wheel.read(entry))


class Hollow(types.ModuleType):
    """Stands in for a module that the sandbox refuses: it can be imported, and nothing in it can be used."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*args, **kwargs):
            raise ImportError(f"{self.__name__}.{name} is not available in the sandbox")

        # A class, so that it can be inherited from and caught.
        kind = type(name, (Exception,), {"__init__": refuse})
        setattr(self, name, kind)
        return kind


SIZES = {
    "c_char": "c", "c_short": "h", "c_int": "i", "c_long": "l", "c_longlong": "q", "c_size_t": "N",
    "c_float": "f", "c_double": "d", "c_void_p": "P",
}  # fmt: skip


def import_all(names):
    """Imports modules; one that fails does so again in the call that imports it."""
    hollow = {n: Hollow(n) for n in ("ctypes", "multiprocessing", "socket", "ssl", "subprocess", "webbrowser")}
    hollow["ctypes"].sizeof = lambda kind: struct.calcsize(SIZES[kind.__name__])
    sys.modules.update(hollow)
    importlib.invalidate_caches()
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:
            pass
    for name in hollow:
        sys.modules.pop(name, None)
