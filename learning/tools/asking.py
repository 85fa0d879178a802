"""Which questions are for which tool, where no model decides: by rules, which read the whole question.

A question is taken only if nothing of it is left over: "which python courses are under 50?" is, "which courses must a
new colleague take?" is for the documents.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Arguments = Mapping[str, Any] | None
Rule = Callable[[str], Arguments]

_COURSES = r"(?:courses?|kurse)"
_TEACHERS = r"(?:instructors?|teachers?|trainers?|lecturers?)"
_LEAD = (
    r"(?:(?:please|hi|hello|hey|ok|and|so)\W+)*"
    r"(?:(?:can|could|would) you (?:please )?(?:show|list|tell|give|find|recommend|suggest)(?: me)?(?: of)?"
    r"|(?:please )?(?:show|list|tell|give|find|recommend|suggest|name|display|search(?: for)?|look for)(?: me)?"
    r"|i(?:'m| am) (?:looking for|interested in)|i(?: want|'d like| would like) to see"
    r"|(?:what|which) (?:are|is|were)|(?:what|which)|is there|are there|do you (?:have|offer|teach)|have you(?: got)?"
    r"|gibt es|welche|zeige? mir)?"
)
_FILL = r"(?:\s*\b(?:all|any|some|a|an|the|of|your|our|good|available|offered|current|new|other|few)\b)*"
_TAIL = (
    r"(?:\s*\b(?:please|now|right now|currently|today|at the moment|here|there|so far|again|lately|recently|"
    r"(?:this|last|past) (?:week|month|year))\b)*"
)
_SOMEBODY = rf"(?:the )?(?:{_TEACHERS} )?"
_NAME = r"[\w.+'’-]+(?: [\w.+'’-]+){0,2}"
_DIFFICULTY = {
    "easy": r"beginners?(?:'s)?|easy|introductory|basic|entry[- ]level|starter",
    "medium": r"intermediate|medium",
    "hard": r"advanced|hard|expert|difficult",
}
_MONEY = r"(?:[€$£]|eur|usd|euros?|dollars?)?\s*(\d{1,7}(?:[.,]\d{1,2})?)\s*(?:[€$£]|eur(?:os?)?|usd|dollars?)?"
_THAT_COSTS = r"(?:(?:that|which) )?(?:costs? |for )?"
_MOST = rf"{_THAT_COSTS}(?:under|below|less than|cheaper than|up to|at most|no more than) {_MONEY}"
_LEAST = rf"{_THAT_COSTS}(?:over|above|more than|at least|from) {_MONEY}"
_BETWEEN = rf"{_THAT_COSTS}between {_MONEY} and {_MONEY}"
_ON_OFFER = (
    r"(?:(?:that|which) )?(?:(?:are |is )?(?:there|available|on offer|offered|in the catalogue|in the catalog)"
    r"|do you (?:have|offer)|(?:can|could|may) i (?:take|join|attend|enrol in|enroll in)|exist|gibt es)(?: for me)?"
)
_NO_SUBJECT = re.compile(
    r"\b(?:i|me|my|we|us|you|your|they|must|should|need|needs|have|has|had|required|require|mandatory|compulsory|"
    r"policy|policies|rules?|cancel\w*|refunds?|certificat\w*|deadlines?|documents?|count|delete|create|make|add|edit|"
    r"approve\w*|upload\w*|change|work|works|how|why|when|where|who|which|what|is|are|was|were|does|do|did|can|will|"
    r"api|endpoint|not|without|collection|materials?|feedback|prices?|costs?|pay|paid|roles?|admins?|progress|"
    r"other|same|main|first|last|next|of|than|if|after|before|while|because|drafts?|rated|enrolments?|rating)\b"
)
"""Words that no subject of a course is: who says them wants to know something else."""


def _clean(question: str) -> str:
    text = " ".join(question.lower().replace("’", "'").split())
    return text.strip(" \t?!.,;:\"'")


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_LEAD}{_FILL}\s*(?:{pattern}){_TAIL}", re.IGNORECASE)


def _rule(pattern: str, *more: str, **fixed: Any) -> Rule:
    """A rule for questions that are one of the patterns, whose groups are the arguments."""
    patterns = [_whole(one) for one in (pattern, *more)]

    def fits(question: str) -> Arguments:
        text = _clean(question)
        for one in patterns:
            if found := one.fullmatch(text):
                given = {name: value.strip() for name, value in found.groupdict().items() if value}
                return {**fixed, **given}
        return None

    return fits


def _first(*rules: Rule) -> Rule:
    def fits(question: str) -> Arguments:
        return next((found for rule in rules if (found := rule(question)) is not None), None)

    return fits


_KINDS = re.compile(
    "|".join(rf"(?P<{name}>\b(?:for )?(?:absolute |complete )?(?:{words})\b)" for name, words in _DIFFICULTY.items())
)
_FREE = re.compile(r"\b(?:free|(?:that are )?(?:for free|free of charge)|kostenlose)\b")
_CATEGORY = re.compile(r"\b(?:in|of|from) (?:the )?category (\w[\w &-]*)$|\b(?:in|of|from) the (\w+) category\b")
_SORTS = {"-price": r"most expensive", "price": r"cheapest", "newest": r"newest|latest", "popularity": r"most popular"}
_SORT = re.compile("|".join(rf"\b(?:{words})\b" for words in _SORTS.values()))
_BEFORE = re.compile(rf"(?P<lead>{_LEAD}){_FILL}\s*(?P<subject>.*?)\s*\b{_COURSES}\b(?P<after>.*)")
_AFTER = re.compile(
    rf"(?:\s*\b{_ON_OFFER})?"
    r"(?:\s*\b(?:(?:that (?:are )?)?(?:about|on|in|covering|regarding|teaching|über|zu) (?P<about>[^,;:?]+?)))?"
    rf"(?:\s*\b{_ON_OFFER})?{_TAIL}"
)


def _amount(text: str) -> float:
    return float(text.replace(",", "."))


def _taken(pattern: re.Pattern[str] | str, text: str) -> tuple[re.Match[str] | None, str]:
    """What a pattern finds in the text, and the text without it."""
    found = re.search(pattern, text)
    return found, f"{text[: found.start()]} {text[found.end() :]}" if found else text


def _conditions(text: str) -> tuple[dict[str, Any], str]:
    """Difficulty, category, price and order, and what is left of the text without them."""
    given: dict[str, Any] = {}
    if (found := _taken(rf"\b{_BETWEEN}", text))[0]:
        given["min_price"], given["max_price"] = sorted((_amount(found[0][1]), _amount(found[0][2])))
        text = found[1]
    for name, pattern in (("max_price", rf"\b{_MOST}"), ("min_price", rf"\b{_LEAST}")):
        if (found := _taken(pattern, text))[0]:
            given[name], text = _amount(found[0][1]), found[1]
    if (found := _taken(_CATEGORY, text))[0]:
        given["category"], text = (found[0][1] or found[0][2]).strip(), found[1]
    if (found := _taken(_FREE, text))[0]:
        given["max_price"], text = 0, found[1]
    if (found := _taken(_SORT, text))[0]:
        said = found[0].group()
        given["sort"] = next(name for name, words in _SORTS.items() if re.fullmatch(words, said))
        text = found[1]
    if (found := _taken(_KINDS, text))[0]:
        given["difficulty"], text = str(found[0].lastgroup), found[1]
    return given, " ".join(text.split())


def _subject(*parts: str | None) -> str | None:
    """The subject that parts of a question name; None if they say something else."""
    said = " ".join(part.strip() for part in parts if part and part.strip())
    said = re.sub(r"\b(?:and|or|the|a|an)\b", " ", said)
    words = said.split()
    return None if len(words) > 5 or _NO_SUBJECT.search(said) else " ".join(words)


def _listing(question: str) -> Arguments:
    given, text = _conditions(_clean(question))
    found = _BEFORE.fullmatch(text)
    after = _AFTER.fullmatch(found["after"]) if found else None
    if not found or not after or not (found["lead"] or given or found["subject"] or after["about"]):
        return None
    asked = found["lead"].startswith(("what", "which", "welche")) and not re.search(_ON_OFFER, found["after"])
    if asked and not (given or after["about"] or re.match(r"(?:what|which) (?:are|is)", found["lead"])):
        return None  # "which courses?" says too little, and "which python courses" is no whole question
    subject = _subject(found["subject"], after["about"])
    if subject is None or (len(found["subject"].split()) > 3):
        return None
    return {**given, "query": subject} if subject else given


_WHO_TEACHES = _rule(
    r"who (?:teaches|is teaching|gives|holds|runs|is the (?:instructor|teacher) (?:of|for|in)|wer unterrichtet)"
    r" (?:the )?(?:(?:course|class)(?: on| in| about)? )?(?P<query>.{2,60}?)(?: course| class)?",
    r"wer unterrichtet (?P<query>.{2,60}?)",
)

courses: Rule = _first(_listing, lambda question: _taught(question))


def _taught(question: str) -> Arguments:
    found = _WHO_TEACHES(question)
    subject = _subject(found["query"]) if found else None
    return {"query": subject} if subject else None


_ABOUT = r"(?:about |more about |details (?:of|on|about) )(?:the )?"
course = _rule(
    rf"{_ABOUT}(?:course|class)(?: called| named| on| about)? (?P<course>.{{2,80}})",
    rf"{_ABOUT}(?P<course>\w.{{1,60}}?) (?:course|class)",
    r"how much (?:does|is) the (?:course|class)(?: called| on| about)? (?P<course>.{2,80}?)(?: cost)?",
    r"how much (?:does|is) the (?P<course>\w.{1,60}?) (?:course|class)(?: cost)?",
    r"(?:does )?(?:the )?(?:course|class) (?:called |on |about )?(?P<course>.{2,80}?) (?:about|cover|teach|cost)",
    r"(?:does )?the (?P<course>\w.{1,60}?) (?:course|class) (?:about|cover|teach|cost)",
    r"(?:topics|modules) (?:are )?(?:does |in |of )(?:the )?(?:course|class) (?P<course>.{2,80}?)(?: have| cover)?",
    r"(?:topics|modules) (?:are )?(?:does |in |of )(?:the )?(?P<course>\w.{1,60}?) (?:course|class)(?: have| cover)?",
)
top_rated = _rule(
    rf"(?:top|best|highest)(?:[- ](?:rated|reviewed))? {_COURSES}(?: (?:that )?you (?:have|offer)| on offer)?",
    rf"{_COURSES} (?:are|is|have|has) (?:the )?(?:best|top|highest)[- ]?(?:rated|reviewed|ratings?)?",
    rf"{_COURSES} (?:are|is) (?:rated|reviewed) (?:the )?(?:best|highest)",
    rf"{_COURSES} with (?:the )?(?:best|highest|top) (?:ratings?|reviews?)",
    r"am besten bewerteten kurse",
)
trending = _rule(
    rf"(?:trending|hot|hottest) {_COURSES}",
    rf"{_COURSES} (?:are|is) (?:trending|hot|in demand|popular)",
    rf"popular {_COURSES}(?: right)?",
    rf"{_COURSES} (?:are|do) (?:most )?(?:people|others|students|everybody) (?:taking|take|enrolling in|joining)",
)
instructor = _rule(
    rf"(?:who is|about|more about|wer ist) (?:the )?{_TEACHERS} (?P<name>{_NAME})",
    rf"who is (?P<name>{_NAME}),? the {_TEACHERS}",
)
instructor_courses = _rule(
    rf"{_COURSES} (?:does|is|are) {_SOMEBODY}(?P<name>{_NAME}) (?:teach|teaching|give|giving|offer|hold)",
    rf"{_COURSES} (?:(?:that )?(?:are |is )?(?:taught|given|held|offered) )?by {_SOMEBODY}(?P<name>{_NAME})",
    rf"does {_SOMEBODY}(?P<name>{_NAME}) teach",
    rf"(?P<name>{_NAME})'s courses",
)
top_instructors = _rule(
    rf"(?:who are )?(?:the )?(?:top|best|highest)(?:[- ]rated)? {_TEACHERS}",
    rf"{_TEACHERS} (?:are|have|has) (?:the )?(?:best|top|highest)[- ]?(?:rated|ratings?)?",
    rf"{_TEACHERS} (?:are|is) rated (?:the )?(?:best|highest)",
    rf"who (?:is|are) (?:the )?(?:best|top)(?:[- ]rated)? {_TEACHERS}",
)
own_enrolments = _first(
    _rule(
        rf"(?:{_COURSES} )?(?:have|did) i (?:already )?(?:completed?|finish(?:ed)?|pass(?:ed)?)",
        rf"my (?:completed|finished) {_COURSES}",
        rf"{_COURSES} (?:that )?i(?:'ve| have)? (?:already )?(?:completed|finished)",
        status="completed",
    ),
    _rule(
        rf"my (?:own )?(?:{_COURSES}|enrolments?|enrollments?|courses i take)",
        rf"(?:{_COURSES} )?(?:am i|i am|i'm) (?:currently )?(?:taking|attending|doing|(?:enrolled )?in|enrolled in)",
        rf"{_COURSES} do i (?:currently )?(?:take|attend|have)",
        rf"{_COURSES} (?:that )?(?:i am|i'm) (?:currently )?(?:taking|enrolled in|in)",
        r"meine kurse|kurse (?:mache|besuche|belege) ich",
    ),
)
own_progress = _rule(
    r"how (?:am i doing|far am i|far have i (?:come|got|gotten)|is my progress|well am i doing)"
    r"(?: (?:in|with) (?:my |the )?(?:courses?|studies|learning|topics))?",
    r"my (?:learning )?(?:progress|level|streak|xp|points|experience points|score)(?: in my courses)?",
    r"(?:level|rank) (?:am i(?: on| at)?|have i reached|do i have)",
    r"how (?:many|much) (?:points|xp|experience points) (?:do i have|have i(?: got| earned)?)",
    r"how long is my streak",
    r"how (?:many|much) (?:topics|courses) (?:have i (?:completed|finished|done)|did i complete)",
    r"wie weit bin ich|wie ist mein fortschritt|mein fortschritt",
)
own_teaching = _rule(
    rf"how (?:are|is) my {_COURSES} (?:doing|going|performing)",
    rf"(?:statistics|stats|figures|numbers|analytics) (?:of|for|on|about) my {_COURSES}",
    rf"my {_COURSES}?\s*(?:statistics|stats|figures|analytics|ratings?|performance)",
    rf"how (?:many|much) (?:students|people|learners|members)"
    rf" (?:do i have|(?:are |have )?(?:in|taking|enrolled in|take|completed|finished|left) my {_COURSES})",
    rf"(?:completion|ratings?|completion rates?|progress)(?: (?:of|in|for) my {_COURSES})",
    rf"how (?:well )?(?:are )?my (?:{_COURSES} (?:rated|doing)|students doing)",
    rf"my {_COURSES}",
    rf"{_COURSES} (?:am i teaching|do i teach|i teach)",
)
platform = _rule(
    r"(?:platform|overall|global|site|system)(?:[- ]wide)? (?:statistics|stats|figures|numbers|overview)",
    r"(?:statistics|stats|overview|figures|numbers) (?:of|for|on|about) the (?:whole )?(?:platform|site|system)",
    rf"how many (?:{_COURSES}|users|accounts|students|teachers|enrolments|enrollments|learners)"
    r"(?: (?:are there|do we have|exist|are registered))?(?: (?:in total|overall|altogether|on the platform))?",
    r"how is the platform doing",
)
_PERCENT = r"(?P<threshold>\d{1,3})\s*(?:%|per ?cent)?"
low_completion = _rule(
    rf"{_COURSES} (?:have|with|has|having) (?:a |an )?completion(?: rates?)?(?: of)?"
    rf" (?:below|under|less than|lower than) {_PERCENT}",
    rf"{_COURSES} (?:that )?(?:are )?(?:completed by )?(?:below|under|less than) {_PERCENT}(?: completion(?: rate)?)?",
    rf"{_COURSES} (?:have|with|has) (?:a |the )?(?:low|lowest|poor|bad|worst) completion(?: rates?)?",
    rf"(?:low|lowest|poor)[- ]completion {_COURSES}",
)
student = _rule(
    rf"how is (?:the )?(?:student|learner) (?P<student>{_NAME}) doing",
    rf"(?:progress|enrolments?|{_COURSES}) (?:of|for) (?:the )?(?:student|learner|user) (?P<student>{_NAME})",
    rf"{_COURSES} (?:is|does) (?:the )?(?:student|learner) (?P<student>{_NAME}) (?:taking|take|enrolled in)",
)
teacher = _rule(
    rf"(?:statistics|stats|figures|numbers) (?:of|for|on|about) (?:the )?(?:{_TEACHERS}) (?P<teacher>{_NAME})",
    rf"how (?:are|is) (?:the )?{_COURSES} of (?:the )?(?:{_TEACHERS}) (?P<teacher>{_NAME}) (?:doing|going)",
    rf"how is (?:the )?(?:{_TEACHERS}) (?P<teacher>{_NAME}) doing",
)
