"""Phrases that are read before it is sure that they are over. Pure."""

from dataclasses import dataclass, replace

from salon.ai.live.reading import Reading
from salon.ai.live.segmenter import Phrase
from salon.ai.live.voices import VoiceKey


@dataclass(slots=True)
class _Guess:
    phrase: Phrase
    reading: Reading | None = None
    """None while it is being read."""
    final: Phrase | None = None
    """The phrase as it ended, which waits for the reading."""

    def is_of(self, phrase: Phrase) -> bool:
        """Whether nothing was said between the guess and this."""
        mine = self.phrase
        return (mine.number, mine.begin_us, mine.end_us) == (phrase.number, phrase.begin_us, phrase.end_us)


class Guesses:
    """The latest guess of each voice, and how far each voice is known to the end."""

    def __init__(self) -> None:
        self._guesses: dict[VoiceKey, _Guess] = {}
        self._over_us: dict[VoiceKey, int] = {}

    def begin(self, key: VoiceKey, phrase: Phrase) -> None:
        """A phrase that is probably over is being read."""
        self._guesses[key] = _Guess(phrase)

    def end(self, key: VoiceKey, phrase: Phrase) -> tuple[bool, Reading | None]:
        """A phrase is over.

        Returns:
            whether it need not be read, because it was or is just being read, and the reading if it is there.
        """
        self._over_us[key] = phrase.end_us
        guess = self._guesses.get(key)
        if guess is None or not guess.is_of(phrase):
            self._guesses.pop(key, None)
            return False, None
        if guess.reading is None:
            guess.final = phrase
            return True, None
        del self._guesses[key]
        return True, replace(guess.reading, phrase=phrase)

    def give_up(self, key: VoiceKey, phrase: Phrase) -> None:
        """What was shown of this phrase was no speech."""
        self._over_us[key] = phrase.end_us
        self._guesses.pop(key, None)

    def settle(self, reading: Reading) -> Reading | None:
        """What is to be told now that an unfinished phrase was read; None: nobody wants to know any more."""
        guess = self._guesses.get(reading.key)
        if guess is not None and guess.phrase is reading.phrase:
            if guess.final is not None:
                del self._guesses[reading.key]
                return replace(reading, phrase=guess.final)
            if reading.outcome == "read":
                guess.reading = reading
            else:
                # It is read again when it is over.
                del self._guesses[reading.key]
        is_over = reading.phrase.begin_us < self._over_us.get(reading.key, 0)
        return None if is_over or reading.outcome != "read" else reading

    def forget(self, room: str) -> None:
        """Nobody listens to this room any more."""
        self._guesses = {key: guess for key, guess in self._guesses.items() if key.room != room}
        self._over_us = {key: at for key, at in self._over_us.items() if key.room != room}
