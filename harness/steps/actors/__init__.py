"""The people and machines of a scenario.

Each method is a verb of the Gherkin; steps call one and assert on what it returns.
"""
