"""An independent model of one problem's life: everything is read off the whole history, written out as letters.

For each subject one letter a window: `0` clear, `1` info, `2` warning, `3` critical, `h` held, `b` could not tell.
"""

import re
from dataclasses import dataclass, field

TABLES = {level: str.maketrans({each: str(int(each >= level)) for each in "0123"}) for level in "123"}


@dataclass
class Problem:
    """One problem: its history, and the incident as far as history alone does not tell."""

    policy: object
    key: int = 0
    letters: dict = field(default_factory=dict)
    judged: list = field(default_factory=list)
    raw: list = field(default_factory=list)
    episode: int = 0
    incident: dict | None = None
    firing: dict = field(default_factory=dict)
    ended: list = field(default_factory=list)

    def see(self, key, letters, judged):
        """A new window, or the newest one again: then the worse letter counts."""
        before, again = self.firing, self.key == key
        if not again:
            self.key, self.judged, self.raw = key, [*self.judged, False], [*self.raw, False]
        self.judged[-1] |= judged
        worse = set()
        for subject, letter in letters.items():
            past = self.letters.get(subject, "")
            old = past[-1] if again else "b"
            kept = letter if not again or (letter in "0123" and (old in "bh" or letter > old)) else old
            self.letters[subject] = (past[:-1] if again else past) + kept
            worse |= {subject} if kept in "123" and (kept > old or old in "bh") else set()
        found = {subject: self._fires(text) for subject, text in self.letters.items()}
        self.firing = {subject: each for subject, each in found.items() if each[0]}
        self.raw[-1] = bool(self.firing)
        self._follow(before, self.firing, worse)

    def _fires(self, text):
        blank = re.search("[bh]*$", text)[0].count("b")
        if self.policy.no_data == "resolve":
            text = text[max((each.end() for each in re.finditer("b(h*b){2}", text)), default=0) :]
        told = re.sub("[bh]", "", text)
        bits = {level: told.translate(TABLES[level]) for level in "123"}
        needs = dict(zip("123", [self.policy.for_windows] * 2 + [self.policy.critical_windows], strict=True))
        for level in "321":
            on = [_last(bits[each], "1" * needs[each]) for each in "321" if each >= level]
            if max(on) > _last(bits[level], "0" * self.policy.keep_windows):
                return level, bits[level].endswith("0"), blank
        return "", False, blank

    def flaps(self):
        flaps, switches, number = False, [], 0
        for was, fires, judged in zip([False, *self.raw], self.raw, self.judged, strict=False):
            number += judged
            switches += [number] if was != fires else []
            if flaps and number >= switches[-1] + 10:
                flaps, switches = False, []
            flaps |= sum(each + 20 > number for each in switches) >= 4
        return flaps

    def _follow(self, before, fires, worse):
        flaps = self.flaps()
        if self.incident is None:
            if not worse & fires.keys():
                return
            self.episode += 1
            self.incident = {"episode": self.episode, "worst": "0"}
        if fires:
            parts = {subject: each[:2] for subject, each in fires.items()}
            telling = [recovering for _, recovering, blank in fires.values() if blank < 3]
            state = ("recovering" if all(telling) else "firing") if telling else "no_data"
            self.incident |= {"parts": parts, "severity": max(each[0] for each in fires.values()), "state": state}
            self.incident["worst"] = max(self.incident["worst"], self.incident["severity"])
        elif flaps:
            parts = {subject: (level, True) for subject, (level, _) in self.incident["parts"].items()}
            self.incident |= {"parts": parts, "state": "recovering"}
        else:
            lost = any(self.letters[subject].endswith("b") for subject in before)
            self.ended.append((self.episode, "no data" if lost else "recovered"))
        self.incident = {**self.incident, "flapping": flaps} if fires or flaps else None


def _last(bits, run):
    """Where the last such run ends; 0 when there is none."""
    return bits.rfind(run) + len(run) if run in bits else 0
