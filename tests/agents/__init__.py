"""A model that plays a competent agent, for tests of scaffolds and trials."""

from tests.agents.competent import SUBMIT, CompetentAgent

__all__ = ["SUBMIT", "CompetentAgent"]
