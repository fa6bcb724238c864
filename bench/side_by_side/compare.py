"""Answers of several contestants, held against each other row by row."""


def asked(answers):
    return len(next(iter(answers.values())))


def differences(answers):
    """What differs from the first contestant's answer, question by question."""
    (first, expected), *others = answers.items()
    found = []
    for name, given in others:
        if given.keys() != expected.keys():
            found.append(f"{name}: it was asked other questions than {first}")
            continue
        for key, answer in given.items():
            if answer != expected[key]:
                found.append(f"{key}: {first} and {name}: {first_difference(expected[key], answer)}")
    return found


def first_difference(one, other):
    if not isinstance(one, list) or not isinstance(other, list):
        return f"{one} and {other}"
    for number, (left, right) in enumerate(zip(one, other)):
        if left != right:
            return f"row {number}: {left} and {right}"
    return f"{len(one)} and {len(other)} rows"


def rows(answers):
    """Mean number of rows, or of what was counted, by class."""
    found = {}
    for key, answer in next(iter(answers.values())).items():
        found.setdefault(key.rsplit(" #", 1)[0], []).append(len(answer) if isinstance(answer, list) else answer)
    return {name: sum(sizes) / len(sizes) for name, sizes in found.items()}
