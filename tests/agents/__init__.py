"""A model that plays a competent agent, for tests of scaffolds and trials."""

from tests.agents.competent import HANDING_IN, SUBMIT, CompetentAgent

__all__ = ["HANDING_IN", "SUBMIT", "CompetentAgent"]
