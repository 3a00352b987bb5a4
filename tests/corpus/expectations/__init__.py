"""The lines that each program must print, in order: patterns, and checks of counts."""

from tests.corpus.expectations import notebooks, y2019, y2020, y2021, y2022, y2023

EXPECTED = {
    name: checks
    for module in (notebooks, y2019, y2020, y2021, y2022, y2023)
    for name, checks in module.EXPECTED.items()
}
