"""Signs URLs with the PyPI package imgproxy, as its users do: python sign.py BASE KEY SALT SOURCE PORTRAIT

Prints a name and a URL a line; edge/clients_test.go knows what each must show.
"""

import sys

from imgproxy import ImgProxy

base, key, salt, source, portrait = sys.argv[1:]
make = ImgProxy.factory(proxy_host=base, key=key, salt=salt)

urls = {
    "fit": make(source, resizing_type="fit", width=50, height=50),
    "fill": make(source, resizing_type="fill", width=60, height=60, gravity="no", extension="webp"),
    "enlarged": make(source, "q:70", resizing_type="fit", width=400, enlarge=True, extension="jpg"),
    "focus": make(source, "c:40:30:fp:0.25:0.5", extension="png"),
    "background": make(source, "bg:255:0:0", "bl:1", "sh:1", "cb:x", extension="png"),
    "document": make(portrait, "document:us-passport", extension="jpg"),
    "no options": make(source),
}
for name, url in urls.items():
    print(f"{name}\t{url}")
