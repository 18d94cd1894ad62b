"""What an evaluation found: figures by name for the manifest, tables for people, printed and put into the card of the net."""

import os
import re

BEGIN = "<!-- measured: what follows is written by evaluation/evaluate.py --write -->"
END = "<!-- /measured -->"


class Report:
    """figures {name: number}, and tables in the order in which they were added."""

    def __init__(self, name):
        self.name, self.figures, self._parts = name, {}, []

    def figure(self, name, value, digits=4):
        """Keeps a figure for the manifest; rounded so that noise in the last place is no difference."""
        self.figures[name] = round(float(value), digits)

    def note(self, text):
        """Adds a paragraph."""
        self._parts.append(text)

    def table(self, title, header, rows):
        """Adds a table: header and rows of strings (numbers are to be formatted already)."""
        cells = [[str(c) for c in r] for r in (header, *rows)]
        widths = [max(len(r[i]) for r in cells) for i in range(len(header))]
        line = lambda r: "| " + " | ".join(c.ljust(w) for c, w in zip(r, widths)) + " |"
        rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
        self._parts.append("\n".join([f"**{title}**", "", line(cells[0]), rule, *map(line, cells[1:])]))

    def text(self):
        """The tables and notes as Markdown."""
        return "\n\n".join(self._parts)

    def into_card(self, path):
        """Puts the text between the two marker lines of a card."""
        with open(path) as f:
            card = f.read()
        if card.count(BEGIN) != 1 or card.count(END) != 1:
            raise ValueError(f"{path} has no place for figures: it needs the lines {BEGIN!r} and {END!r}")
        card = re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: f"{BEGIN}\n\n{self.text()}\n\n{END}", card, flags=re.S)
        with open(path + ".new", "w") as f:
            f.write(card)
        os.replace(path + ".new", path)
