"""How reports write numbers."""

from django import template

from background_tasks.reports.story import Asked, seconds, short

register = template.Library()
_CELLS = 30


@register.filter
def grouped(number: float) -> str:
    """1234567 → 1,234,567"""
    return f"{number:,}"


@register.filter
def in_seconds(milliseconds: int | None) -> str:
    return seconds(milliseconds)


@register.filter
def brief(number: int) -> str:
    """Above a column, which is narrow."""
    return f"{number / 1000:.1f} k" if 1000 <= number < 10_000 else short(number)


@register.filter
def blocks(percent: float) -> str:
    """A bar of characters."""
    return "█" * round(percent / 100 * _CELLS) or ("▏" if percent else "")


@register.filter
def pixels(percent: float, most: int) -> int:
    """Of a bar that is ``most`` pixels long at 100 %; what is not nothing can be seen."""
    return max(round(percent / 100 * most), 1) if percent else 0


@register.simple_tag
def asked(group: Asked) -> str:
    """Why its questions are on the list, and how often."""
    said = []
    if group.times:
        said.append(f"refused {group.times:,} time{'' if group.times == 1 else 's'}")
    if group.not_helpful:
        said.append(f"{group.not_helpful:,} answer{'' if group.not_helpful == 1 else 's'} not helpful")
    wordings = f", in {group.questions:,} wordings" if group.questions > 1 else ""
    return ", ".join(said) + wordings
