"""Which rows of a growing text are on the screen, and where the thumb of its scroll bar is. Pure."""


class Viewport:
    """Follows the end of the text until someone scrolls up, and stays where it is from then on."""

    __slots__ = ("following", "room", "top", "total")

    def __init__(self) -> None:
        self.following = True
        self.room = 0
        """Rows that fit."""
        self.total = 0
        """Rows that there are."""
        self.top = 0
        """The first row that is visible."""

    @property
    def last_top(self) -> int:
        """The first visible row when the end is visible."""
        return max(0, self.total - self.room)

    @property
    def has_unseen(self) -> bool:
        """Whether there is text below the last visible row."""
        return self.top < self.last_top

    @property
    def thumb(self) -> range:
        """Rows of the screen that the thumb covers; none when everything is visible."""
        if self.total <= self.room or self.room < 2:  # noqa: PLR2004 - a thumb needs a row to move to
            return range(0)
        size = min(self.room - 1, max(1, self.room * self.room // self.total))
        start = (self.room - size) * self.top // self.last_top
        return range(start, start + size)

    def settle(self) -> bool:
        """Mend `top` after rows came or went, or the room changed; whether it moved."""
        top = self.last_top if self.following else min(self.top, self.last_top)
        moved, self.top = top != self.top, top
        return moved

    def move(self, rows: int) -> bool:
        """Scroll; at the end the text is followed again. Whether the view moved."""
        top = min(max(0, self.top + rows), self.last_top)
        self.following = top >= self.last_top
        moved, self.top = top != self.top, top
        return moved

    def rows_to(self, y: int, grip: int) -> int:
        """How far to scroll so that the thumb, held `grip` rows below its upper end, is at row `y`."""
        free = self.room - len(self.thumb)
        if free <= 0:
            return 0
        start = min(max(0, y - grip), free)
        return -(-start * self.last_top // free) - self.top
