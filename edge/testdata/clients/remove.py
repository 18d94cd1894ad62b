"""Calls an edge with the PyPI package removebg, as its users do, and nothing changed in it but the host:
python remove.py BASE KEY FILE URL OUT

Prints a name and what the client made of the answer a line; edge/removebg_test.go knows what each must say.
"""

import base64
import json
import sys

import requests
from removebg import RemoveBg, removebg

base, key, file, url, out = sys.argv[1:]
removebg.API_ENDPOINT = removebg.API_ENDPOINT.replace("https://api.remove.bg", base)
client = RemoveBg(key, out + "/errors.log")
with open(file, "rb") as f:
    encoded = base64.b64encode(f.read())

calls = {
    "file": lambda name: client.remove_background_from_img_file(file),
    "url": lambda name: client.remove_background_from_img_url(url, size="4k", new_file_name=name),
    "base64": lambda name: client.remove_background_from_base64_img(encoded, new_file_name=name, bg_color="green"),
    "wrong key": lambda name: RemoveBg("another", out + "/errors.log").remove_background_from_img_url(url, new_file_name=name),
    "nothing there": lambda name: client.remove_background_from_img_url(url + ".gone", new_file_name=name),
    "a wrong size": lambda name: client.remove_background_from_img_file(file, size="huge"),
}
for name, call in calls.items():
    try:
        call(out + "/" + name)
        print(name, json.dumps({}), sep="\t")
    except requests.HTTPError as err:
        print(name, json.dumps({"status": err.response.status_code, **err.response.json()}), sep="\t")
