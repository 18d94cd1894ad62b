"""models/manifest.json, read and written so that what a script does not know stays as it is."""

import datetime
import hashlib
import json
import os
import re

MODELS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATH = os.path.join(MODELS, "manifest.json")
ORDER = ("name", "task", "version", "file", "url", "sha256", "bytes", "licence", "card", "input", "outputs", "thresholds", "measured", "date", "remark")


def read(path=PATH):
    """The manifest as a dict; an empty one where there is none."""
    if not os.path.exists(path):
        return {"schema": 1, "updated": today(), "models": []}
    with open(path) as f:
        return json.load(f)


def entry(name, path=PATH):
    """The entry of a net, or None."""
    return next((m for m in read(path)["models"] if m["name"] == name), None)


def put(new, path=PATH):
    """Puts an entry in the place of the one with its name. The file is written whole or not at all, and only if it changes."""
    manifest = read(path)
    others = [m for m in manifest["models"] if m["name"] != new["name"]]
    new = {k: new[k] for k in sorted(new, key=lambda k: (ORDER.index(k) if k in ORDER else len(ORDER), k))}
    models = sorted([*others, new], key=lambda m: m["name"])
    if models == manifest["models"]:
        return
    with open(path + ".new", "w") as f:
        f.write(text({**manifest, "updated": today(), "models": models}))
    os.replace(path + ".new", path)


def text(manifest):
    """JSON by two spaces, lists of numbers on one line."""
    spread = json.dumps(manifest, indent=2, ensure_ascii=False)
    return re.sub(r"\[\s+((?:-?[0-9.e+-]+,\s+)*-?[0-9.e+-]+)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", spread) + "\n"


def today():
    """The day, as the manifest writes it."""
    return datetime.date.today().isoformat()


def digest(data):
    """SHA-256 of bytes in hex."""
    return hashlib.sha256(data).hexdigest()
